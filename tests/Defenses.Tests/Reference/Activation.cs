using MathNet.Numerics;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Defenses.Tests.Reference;

/// <summary>An activation of torch: its closed form in plain numbers, and the forms in which torch has it.</summary>
/// <param name="Type">The module's class.</param>
/// <param name="Closed">The function.</param>
/// <param name="Forms">By name: module, functional, Tensor method, with and without settings in place.</param>
internal sealed record Activation(Type? Type, Func<double, double> Closed, IReadOnlyList<(string Form, Func<Tensor, Tensor> Compute)> Forms)
{
    internal static readonly IReadOnlyDictionary<string, Activation> All = new Dictionary<string, Activation>
    {
        ["relu"] = Of<ReLU>(x => Math.Max(x, 0), Modules(ReLU(), ReLU(inplace: true)), x => F.relu(x), x => x.relu(), x => x.relu_()),
        ["relu6"] = Of<ReLU6>(x => Math.Clamp(x, 0, 6), Modules(ReLU6(), ReLU6(inplace: true)), x => F.relu6(x), x => x.relu6(), x => x.relu6_()),
        ["leaky_relu"] = Of<LeakyReLU>(
            x => x > 0 ? x : 0.2 * x, Modules(LeakyReLU(0.2), LeakyReLU(0.2, inplace: true)), x => F.leaky_relu(x, 0.2), x => x.leaky_relu(0.2), x =>
                x.leaky_relu_(0.2)),
        ["elu"] = Of<ELU>(x => Elu(x, 0.7), Modules(ELU(0.7), ELU(0.7, inplace: true)), x => F.elu(x, 0.7), x => x.elu(0.7), x => x.elu_(0.7)),
        ["celu"] = Of<CELU>(x => Elu(x, 0.7, 1 / 0.7), Modules(CELU(0.7), CELU(0.7, inplace: true)), x => F.celu(x, 0.7), x => x.celu(0.7), x => x.celu_(0.7)),
        ["selu"] = Of<SELU>(x => 1.0507009873554805 * Elu(x, 1.6732632423543772), Modules(SELU(), SELU(inplace: true)), x => F.selu(x), x => x.selu(), x =>
            x.selu_()),
        ["gelu"] = Of<GELU>(
            x => x * (1 + SpecialFunctions.Erf(x / Math.Sqrt(2))) / 2, Modules(GELU(), GELU(inplace: true)), x => F.gelu(x), x => F.gelu(x, false), x =>
                x.gelu(), x => x.gelu_()),
        ["gelu (tanh)"] = Of<GELU>(
            x => x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))) / 2, Modules(GELU(TorchSharp.Modules.GELU.Approximate.tanh)),
            x => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh), x => x.gelu(TorchSharp.Modules.GELU.Approximate.tanh)),
        ["silu"] = Of<SiLU>(x => x * Logistic(x), Modules(SiLU(), SiLU(inplace: true)), x => F.silu(x), x => x.silu(), x => x.silu_()),
        ["sigmoid"] = Of<Sigmoid>(Logistic, Modules(Sigmoid(), Sigmoid(true)), x => F.sigmoid(x), x => torch.sigmoid(x), x => x.sigmoid(), x => x.sigmoid_()),
        ["tanh"] = Of<Tanh>(Math.Tanh, Modules(Tanh(), Tanh(inplace: true)), x => F.tanh(x), x => torch.tanh(x), x => x.tanh(), x => x.tanh_()),
        ["softplus"] = Of<Softplus>(x => 2 * x > 4 ? x : Rectified(2 * x) / 2, Modules(Softplus(2, 4)), x => F.softplus(x, 2, 4), x => x.softplus(2, 4)),
        ["softsign"] = Of<Softsign>(x => x / (1 + Math.Abs(x)), Modules(Softsign()), x => F.softsign(x)),
        ["softshrink"] = Of<Softshrink>(x => Math.Sign(x) * Math.Max(Math.Abs(x) - 0.6, 0), Modules(Softshrink(0.6)), x => F.softshrink(x, 0.6)),
        ["hardshrink"] = Of<Hardshrink>(x => Math.Abs(x) > 0.6 ? x : 0, Modules(Hardshrink(0.6)), x => F.hardshrink(x, 0.6)),
        ["hardtanh (in place)"] = Of<Hardtanh>(
            x => Math.Clamp(x, -2, 3), Modules(Hardtanh(-2, 3, inplace: true)), x => F.hardtanh(x, -2, 3, inplace: true), x => x.hardtanh_(-2, 3)),
        ["clamp"] = Of(x => Math.Clamp(x, -2, 3), x => x.clamp(-2, 3), x => x.clip(-2, 3), x => torch.clamp(x, -2, 3), x => x.clamp_(-2, 3)),
        ["clamp from below"] = Of(x => Math.Max(x, 1), x => x.clamp(min: 1), x => x.clamp_(min: 1)),
        ["hardsigmoid"] = Of<Hardsigmoid>(HardSigmoid, Modules(Hardsigmoid(), Hardsigmoid(inplace: true)), x => F.hardsigmoid(x), x => x.hardsigmoid(), x =>
            x.hardsigmoid_()),
        ["hardswish"] = Of<Hardswish>(x => x * HardSigmoid(x), Modules(Hardswish(), Hardswish(inplace: true)), x => F.hardswish(x), x => x.hardswish(), x =>
            x.hardswish_()),
        ["mish"] = Of<Mish>(x => x * Math.Tanh(Rectified(x)), Modules(Mish()), x => F.mish(x)),
        ["logsigmoid"] = Of<LogSigmoid>(x => -Rectified(-x), Modules(LogSigmoid()), x => F.logsigmoid(x), x => x.log_sigmoid()),
        ["tanhshrink"] = Of<Tanhshrink>(x => x - Math.Tanh(x), Modules(Tanhshrink()), x => F.tanhshrink(x)),
        ["threshold"] = Of<Threshold>(
            x => x > 0.6 ? x : -3, Modules(Threshold(0.6, -3), Threshold(0.6, -3, inplace: true)), x => F.threshold(x, 0.6, -3),
            x => x.threshold(0.6, -3), x => x.threshold_(0.6, -3)),
        ["prelu"] = Of<PReLU>(x => x > 0 ? x : 0.3 * x, Modules(Parametric(0.3)), x => F.prelu(x, Weight(x, 0.3)), x => x.prelu(Weight(x, 0.3))),
        ["rrelu in evaluation mode"] = Of<RReLU>(x => x > 0 ? x : 0.3 * x, Modules(RReLU(0.2, 0.4), RReLU(0.2, 0.4, inplace: true))),
    };

    private static (string, Func<Tensor, Tensor>)[] Modules(params Module<Tensor, Tensor>[] modules)
    {
        foreach (var module in modules) module.eval();
        return [.. modules.Select((module, i) => ($"module {i}", (Func<Tensor, Tensor>)(x => module.to(x.dtype).call(x))))];
    }

    private static Activation Of<T>(Func<double, double> closed, (string, Func<Tensor, Tensor>)[] modules, params Func<Tensor, Tensor>[] functions) =>
        new(typeof(T), closed, [.. modules, .. functions.Select((function, i) => ($"function {i}", function))]);

    private static Activation Of(Func<double, double> closed, params Func<Tensor, Tensor>[] functions) =>
        new(null, closed, [.. functions.Select((function, i) => ($"function {i}", function))]);

    private static Module<Tensor, Tensor> Parametric(double slope) => PReLU(1, slope);

    private static Tensor Weight(Tensor x, double slope) => full(1, slope, dtype: x.dtype);

    private static double Elu(double x, double alpha, double inner = 1) => x > 0 ? x : alpha * (Math.Exp(x * inner) - 1);

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Rectified(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double HardSigmoid(double x) => Math.Clamp(x / 6 + 0.5, 0, 1);
}
