using System.Runtime.InteropServices;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.FaultyActivation"/>
internal sealed class FaultyActivationCheck : ModelCheck
{
    private const double Tolerance = 1e-3;
    private readonly IReadOnlyDictionary<Type, Func<nn.Module, Func<double, double>>> _forms;

    internal FaultyActivationCheck() : this(ActivationForms.All) { }

    // With other closed forms, for tests.
    internal FaultyActivationCheck(IReadOnlyDictionary<Type, Func<nn.Module, Func<double, double>>> forms) => _forms = forms;

    public override string Title => "An activation that computes something else";

    protected internal override bool IsGate => true;   // otherwise the model recognizes nothing, or the process ends, and the cause stays hidden

    protected internal override string? WhyNot(CheckContext context) => context.WithoutNetwork();

    protected override IEnumerable<Finding> ProbeCore(CheckContext context) => [.. context.Networks.SelectMany(network => Probe(context, network))];

    private List<Finding> Probe(CheckContext context, nn.Module network)
    {
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(FaultyActivationCheck)));
        using var still = network.DisableRandomness();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var grid = linspace(-8, 8, 65, ScalarType.Float32, context.Images.device);
        var findings = new List<Finding>();
        var modules = network.named_modules().Prepend(("", network)).DistinctBy(found => (object)found.Item2, ReferenceEqualityComparer.Instance);
        foreach (var (path, module) in modules)
            if (module is nn.Module<Tensor, Tensor> activation && _forms.TryGetValue(module.GetType(), out var form))
                findings.AddRange(Faults(activation, form(module), grid)
                    .Select(fault => Finding(Severity.Invalid, $"{module.GetType().Name} at '{path}' {fault.What}", fault.Action)));
        return findings;
    }

    private static IEnumerable<(string What, string Action)> Faults(nn.Module<Tensor, Tensor> activation, Func<double, double> form, Tensor grid)
    {
        if (Fault(activation, form, grid) is { } fault) yield return (fault, Replacement(activation.GetType().Name));
        if (!HasGradient(activation, grid))
            yield return ("has no gradient: its backward pass fails, and an attack would end the process.",
                "Make the module without inplace, or set its inplace to false.");
    }

    private static bool HasGradient(nn.Module<Tensor, Tensor> activation, Tensor grid)
    {
        using var withGrad = enable_grad();
        var input = grid.detach().requires_grad_(true) * 1;   // not the leaf itself, which cannot be written to
        try
        {
            activation.forward(input).sum().backward();
            return true;
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    private static string Replacement(string type) =>
        $"Replace it by a sound module with Replace<{type}>, such as new BoundedReLU(max) or a custom one that calls clamp(min, max); "
        + "or use a version of TorchSharp without this fault.";

    // What the module does wrong, or null. A hook may run another layer in its place, and that counts.
    private static string? Fault(nn.Module<Tensor, Tensor> activation, Func<double, double> form, Tensor grid)
    {
        var inputs = Numbers(grid);
        double[] right = [.. inputs.Select(form)];
        var found = Numbers(activation.forward(grid.clone()));
        if (Worst(found, right) is not { } worst || Worst(Numbers(activation.call(grid.clone())), right) is null) return null;
        var what = found.SequenceEqual(inputs) ? "returns its input" : "gives wrong values";
        return FormattableString.Invariant($"{what}: {found[worst]:G4} for the input {inputs[worst]:G4}, where {right[worst]:G4} is right.");
    }

    // The index of the largest difference; null where all are within the tolerance.
    private static int? Worst(double[] found, double[] right)
    {
        var worst = Enumerable.Range(0, right.Length).MaxBy(i => Difference(found[i], right[i]));
        return Difference(found[worst], right[worst]) > Tolerance * (1 + Math.Abs(right[worst])) ? worst : null;
    }

    private static double Difference(double found, double right) => double.IsNaN(found) ? double.PositiveInfinity : Math.Abs(found - right);

    private static double[] Numbers(Tensor x) => x.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
}

/// <summary>What torch's activation modules compute, element by element, in closed form. A new one is a line of <see cref="All"/>.</summary>
internal static class ActivationForms
{
    /// <summary>By the type of the module: from the module, which has the settings, to the function.</summary>
    internal static IReadOnlyDictionary<Type, Func<nn.Module, Func<double, double>>> All { get; } = new Dictionary<Type, Func<nn.Module, Func<double, double>>>
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
