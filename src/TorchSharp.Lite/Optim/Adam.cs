using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class Adam : OptimizerHelper, optim.IBetas
{
    public Adam(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08,
        double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize)
    {
    }

    public Adam(IEnumerable<ParamGroup> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-08,
        double weight_decay = 0, bool amsgrad = false, bool maximize = false)
    {
        Require(lr >= 0, "learning rate", lr);
        Require(eps >= 0, "ε", eps);
        Require(beta1 is >= 0 and < 1, "beta1", beta1);
        Require(beta2 is >= 0 and < 1, "beta2", beta2);
        Require(weight_decay >= 0, "weight_decay value", weight_decay);
        _defaults = new Options
        {
            LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay,
            amsgrad = amsgrad, maximize = maximize,
        };
        foreach (var group in parameters) add_param_group(group);
    }

    public (double, double) Betas
    {
        get => (((Options)_defaults).beta1!.Value, ((Options)_defaults).beta2!.Value);
        set => (((Options)_defaults).beta1, ((Options)_defaults).beta2) = value;
    }

    public override void add_param_group(Modules.ParamGroup param_group) => Add<Options>(param_group, (options, defaults) =>
    {
        options.beta1 ??= defaults.beta1;
        options.beta2 ??= defaults.beta2;
        options.eps ??= defaults.eps;
        options.weight_decay ??= defaults.weight_decay;
        options.amsgrad ??= defaults.amsgrad;
        options.maximize ??= defaults.maximize;
    }, parameter => new State(parameter));

    public override Tensor? step(Func<Tensor>? closure = null) => _step<ParamGroup>(group =>
    {
        foreach (var parameter in group.Parameters)
            if (parameter.grad is { } gradient) Update(parameter, gradient, (State)_state[parameter.Handle], group.Options);
    }, closure);

    private static void Update(Parameter parameter, Tensor gradient, State state, Options options)
    {
        var (rate, decay) = (options.LearningRate!.Value, options.weight_decay!.Value);
        if (options.maximize == true) gradient = Op.Call("neg", gradient);
        if (decay != 0) gradient = Op.Call("add.Tensor", gradient, parameter, decay);
        state.step++;
        var denominator = AdamMoments.Update(gradient, state.exp_avg, state.exp_avg_sq, state.max_exp_avg_sq,
            options.beta1!.Value, options.beta2!.Value, options.eps!.Value, state.step);
        var stepSize = rate / (1 - Math.Pow(options.beta1.Value, state.step));
        Op.Run("addcdiv_", parameter, state.exp_avg, denominator, -stepSize);
    }

    public class Options : OptimizerOptions
    {
        public double? beta1;
        public double? beta2;
        public double? weight_decay;
        public double? eps;
        public bool? amsgrad;
        public bool? maximize;

        public override void SaveStateDict(BinaryWriter writer)
        {
            base.SaveStateDict(writer);
            writer.Write(beta1!.Value);
            writer.Write(beta2!.Value);
            writer.Write(eps!.Value);
            writer.Write(weight_decay!.Value);
            writer.Write(amsgrad!.Value);
            writer.Write(maximize!.Value);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            base.LoadStateDict(reader);
            (beta1, beta2, eps, weight_decay) = (reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
            (amsgrad, maximize) = (reader.ReadBoolean(), reader.ReadBoolean());
        }

        public override void LoadStateDict(OptimizerOptions source)
        {
            base.LoadStateDict(source);
            var from = (Options)source;
            (beta1, beta2, eps, weight_decay) = (from.beta1, from.beta2, from.eps, from.weight_decay);
            (amsgrad, maximize) = (from.amsgrad, from.maximize);
        }
    }

    public sealed class State(Parameter parameter) : OptimizerState(parameter), IDisposable
    {
        public long step;
        public Tensor exp_avg = null!;
        public Tensor exp_avg_sq = null!;
        public Tensor? max_exp_avg_sq;

        public override void Initialize(OptimizerOptions options)
        {
            step = 0;
            (exp_avg, exp_avg_sq) = (Zeros(), Zeros());
            max_exp_avg_sq = ((Options)options).amsgrad == true ? Zeros() : null;
        }

        public void Dispose()
        {
            exp_avg.Dispose();
            exp_avg_sq.Dispose();
            max_exp_avg_sq?.Dispose();
        }

        public override void to(Device device)
        {
            Move(ref exp_avg!, device);
            Move(ref exp_avg_sq!, device);
            Move(ref max_exp_avg_sq, device);
        }

        public override void SaveStateDict(BinaryWriter writer)
        {
            writer.Write(step);
            exp_avg.Save(writer);
            exp_avg_sq.Save(writer);
            SaveConditionalStateTensor(writer, max_exp_avg_sq);
        }

        public override void LoadStateDict(BinaryReader reader)
        {
            step = reader.ReadInt64();
            exp_avg.Load(reader);
            exp_avg_sq.Load(reader);
            LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
        }

        public override void LoadStateDict(OptimizerState source)
        {
            var from = (State)source;
            step = from.step;
            Replace(ref exp_avg!, from.exp_avg);
            Replace(ref exp_avg_sq!, from.exp_avg_sq);
            Replace(ref max_exp_avg_sq, from.max_exp_avg_sq);
        }

        public override bool ApproximatelyEquals(OptimizerState other) =>
            other is State state && step == state.step && Close(exp_avg, state.exp_avg) && Close(exp_avg_sq, state.exp_avg_sq)
            && Close(max_exp_avg_sq, state.max_exp_avg_sq);
    }

    public class ParamGroup : ParamGroup<Options>, optim.IBetas
    {
        public ParamGroup()
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
        {
        }

        public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.001, double beta1 = 0.9, double beta2 = 0.999,
            double eps = 1e-08, double weight_decay = 0, bool amsgrad = false, bool maximize = false) : base(parameters, new Options
        {
            LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad,
            maximize = maximize,
        })
        {
        }

        public (double, double) Betas
        {
            get => (Options.beta1!.Value, Options.beta2!.Value);
            set => (Options.beta1, Options.beta2) = value;
        }
    }
}
