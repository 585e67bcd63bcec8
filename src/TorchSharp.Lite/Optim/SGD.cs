using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class SGD : OptimizerHelper, optim.IMomentum
{
    public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
    {
        Require(lr >= 0, "learning rate", lr);
        Require(momentum >= 0, "momentum value", momentum);
        Require(weight_decay >= 0, "weight_decay value", weight_decay);
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay,
            nesterov = nesterov, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public double Momentum
    {
        get => ((Options)_defaults).momentum!.Value;
        set => ((Options)_defaults).momentum = value;
    }

    public override void add_param_group(Modules.ParamGroup param_group) => Add<Options>(param_group, (options, defaults) =>
    {
        options.momentum ??= defaults.momentum;
        options.dampening ??= defaults.dampening;
        options.weight_decay ??= defaults.weight_decay;
        options.nesterov ??= defaults.nesterov;
        options.maximize ??= defaults.maximize;
    }, parameter => new State(parameter));

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        foreach (var parameter in group.Parameters)
            if (parameter.grad is { } gradient) Update(parameter, gradient, (State)_state[parameter.Handle], group.Options);
    }, closure);

    private static void Update(Parameter parameter, Tensor gradient, State state, Options options)
    {
        if (options.weight_decay != 0) gradient = Op.Call("add.Tensor", gradient, parameter, options.weight_decay!.Value);
        if (options.momentum is { } momentum and not 0)
        {
            if (state.momentum_buffer is not { } buffer)
            {
                state.momentum_buffer = buffer = Op.Call("clone", gradient).DetachFromDisposeScope();
            }
            else
            {
                Op.Run("mul_.Scalar", buffer, momentum);
                Op.Run("add_.Tensor", buffer, gradient, 1 - options.dampening!.Value);
            }
            gradient = options.nesterov == true ? Op.Call("add.Tensor", gradient, buffer, momentum) : buffer;
        }
        var rate = options.LearningRate!.Value;
        Op.Run("add_.Tensor", parameter, gradient, options.maximize == true ? rate : -rate);
    }

    public class Options : OptimizerOptions
    {
        public double? momentum;
        public double? dampening;
        public double? weight_decay;
        public bool? nesterov;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(momentum!.Value);
            writer.Write(dampening!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(nesterov!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (momentum, dampening, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            (nesterov, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (momentum, dampening, weight_decay) = (from.momentum, from.dampening, from.weight_decay);
            (nesterov, maximize) = (from.nesterov, from.maximize);
        }
    }

    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        public Tensor? momentum_buffer;

        public override void Initialize(OptimizerOptions options) => momentum_buffer = null;
        public void Dispose() => momentum_buffer?.Dispose();
        public override void to(Device device) => Move(ref momentum_buffer, device);
        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

        public override void LoadStateDict(BinaryReader reader) =>
            LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

        public override void LoadStateDict(OptimizerState source) => Replace(ref momentum_buffer, ((State)source).momentum_buffer);

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && Close(momentum_buffer, state.momentum_buffer);
    }

    public class ParamGroup : ParamGroup<Options>, optim.IMomentum
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double momentum = 0, double dampening = 0,
            double weight_decay = 0, bool nesterov = false, bool maximize = false) : base(parameters, new Options
        {
            LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov,
            maximize = maximize,
        })
        {
        }

        public double Momentum
        {
            get => Options.momentum!.Value;
            set => Options.momentum = value;
        }
    }
}
