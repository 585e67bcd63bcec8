using TorchSharp;
using TorchSharp.Modules;

namespace Defenses.Evaluation.Checks;

/// <summary>What torch's activation modules compute, element by element, in closed form. A new one is a line of <see cref="All"/>.</summary>
internal static class ActivationForms
{
    /// <summary>By the type of the module: from the module, which has the settings, to the function.</summary>
    internal static IReadOnlyDictionary<Type, Func<torch.nn.Module, Func<double, double>>> All { get; } = new Dictionary<Type, Func<torch.nn.Module, Func<double, double>>>
    {
        [typeof(ReLU)] = _ => x => Math.Max(x, 0),
        [typeof(ReLU6)] = _ => x => Math.Clamp(x, 0, 6),
        [typeof(Hardtanh)] = module => Hardtanh((Hardtanh)module),
        [typeof(LeakyReLU)] = module => Leaky(((LeakyReLU)module).negative_slope),
        [typeof(ELU)] = module => Exponential(((ELU)module).alpha),
        [typeof(Sigmoid)] = _ => Sigmoid,
        [typeof(Tanh)] = _ => Math.Tanh,
        [typeof(SiLU)] = _ => x => x * Sigmoid(x),
        [typeof(Mish)] = _ => x => x * Math.Tanh(Softplus(x)),
        [typeof(Hardsigmoid)] = _ => Hardsigmoid,
        [typeof(Hardswish)] = _ => x => x * Hardsigmoid(x),
        [typeof(Softsign)] = _ => x => x / (1 + Math.Abs(x)),
        [typeof(LogSigmoid)] = _ => x => -Softplus(-x),
        [typeof(Tanhshrink)] = _ => x => x - Math.Tanh(x),
    };

    private static Func<double, double> Hardtanh(Hardtanh module)
    {
        var (low, high) = (module.min_val, module.max_val);
        return x => Math.Min(Math.Max(x, low), high);
    }

    private static Func<double, double> Leaky(double slope) => x => x > 0 ? x : slope * x;

    private static Func<double, double> Exponential(double alpha) => x => x > 0 ? x : alpha * (Math.Exp(x) - 1);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Hardsigmoid(double x) => Math.Clamp(x / 6 + 0.5, 0, 1);
}
