using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Adadelta : OptimizerHelper
{
    public Adadelta(IEnumerable<Parameter> parameters, double lr, double rho = 0.9, double eps = 1e-06, double weight_decay = 0,
        bool maximize = false) : this([new ParamGroup { Parameters = parameters }], lr, rho, eps, weight_decay, maximize)
    {
    }

    public Adadelta(IEnumerable<ParamGroup> parameters, double lr = 1, double rho = 0.9, double eps = 1e-06, double weight_decay = 0,
        bool maximize = false)
    {
        Require(lr >= 0, "learning rate", lr);
        Require(rho is >= 0 and <= 1, "rho value", rho);
        Require(eps >= 0, "eps value", eps);
        Require(weight_decay >= 0, "weight_decay value", weight_decay);
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, rho = rho, eps = eps, weight_decay = weight_decay, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public override void add_param_group(Modules.ParamGroup param_group) => Add<Options>(param_group, (options, defaults) =>
    {
        options.rho ??= defaults.rho;
        options.eps ??= defaults.eps;
        options.weight_decay ??= defaults.weight_decay;
        options.maximize ??= defaults.maximize;
    }, parameter => new State(parameter));

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        foreach (var parameter in group.Parameters)
            if (parameter.grad is { } gradient) Update(parameter, gradient, (State)_state[parameter.Handle], group.Options);
    }, closure);

    private static void Update(Parameter parameter, Tensor gradient, State state, Options options)
    {
        var (rho, eps, decay) = (options.rho!.Value, options.eps!.Value, options.weight_decay!.Value);
        if (options.maximize == true) gradient = Op.Call("neg", gradient);
        if (decay != 0) gradient = Op.Call("add.Tensor", gradient, parameter, decay);
        state.step++;
        Average(state.square_avg, gradient, rho);
        var change = Root(state.acc_delta, eps);
        Op.Run("div_.Tensor", change, Root(state.square_avg, eps));
        Op.Run("mul_.Tensor", change, gradient);
        Op.Run("add_.Tensor", parameter, change, -options.LearningRate!.Value);
        Average(state.acc_delta, change, rho);
    }

    private static void Average(Tensor average, Tensor value, double rho)
    {
        Op.Run("mul_.Scalar", average, rho);
        Op.Run("addcmul_", average, value, value, 1 - rho);
    }

    private static Tensor Root(Tensor average, double eps)
    {
        var root = Op.Call("add.Scalar", average, eps);
        Op.Run("sqrt_", root);
        return root;
    }

    public class Options : OptimizerOptions
    {
        public double? rho;
        public double? eps;
        public double? weight_decay;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(rho!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (rho, eps, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            maximize = reader.ReadBoolean();
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (rho, eps, weight_decay, maximize) = (from.rho, from.eps, from.weight_decay, from.maximize);
        }
    }

    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        public long step;
        public Tensor square_avg = null!;
        public Tensor acc_delta = null!;

        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            (square_avg, acc_delta) = (Zeros(), Zeros());
        }

        public void Dispose()
        {
            square_avg.Dispose();
            acc_delta.Dispose();
        }

        public override void to(Device device)
        {
            Move(ref square_avg!, device);
            Move(ref acc_delta!, device);
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            square_avg.Save(writer);
            acc_delta.Save(writer);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            square_avg.Load(reader);
            acc_delta.Load(reader);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var from = (State)source;
            step = from.step;
            Replace(ref square_avg!, from.square_avg);
            Replace(ref acc_delta!, from.acc_delta);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && step == state.step && Close(square_avg, state.square_avg) && Close(acc_delta, state.acc_delta);
    }

    public class ParamGroup : ParamGroup<Options>
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1, double rho = 0.9, double eps = 1e-06, double weight_decay = 0,
            bool maximize = false) : base(parameters, new Options
        {
            LearningRate = lr, rho = rho, eps = eps, weight_decay = weight_decay, maximize = maximize,
        })
        {
        }
    }
}
