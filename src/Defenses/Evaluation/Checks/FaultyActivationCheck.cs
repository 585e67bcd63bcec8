using System.Runtime.InteropServices;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds activation modules that, in the version of TorchSharp that runs, compute something else than their formula.</summary>
/// <remarks>
/// Asks each activation module of torch for its values on a grid in [-8, 8] and compares them with the closed form. In TorchSharp 0.107.0 <c>nn.Hardtanh</c> hands
/// its input back: a network that relies on it is not the network that was trained. A module that a hook replaces is let be. Some modules that work in place
/// have no gradient (<c>nn.Mish(inplace: true)</c>): torch ends the process when an attack asks for one.
/// </remarks>
public sealed class FaultyActivationCheck : ModelCheck
{
    private const double Tolerance = 1e-3;
    private readonly IReadOnlyDictionary<Type, Func<nn.Module, Func<double, double>>> _forms;

    /// <summary>A check of the activations that torch has.</summary>
    public FaultyActivationCheck() : this(ActivationForms.All) { }

    internal FaultyActivationCheck(IReadOnlyDictionary<Type, Func<nn.Module, Func<double, double>>> forms) => _forms = forms;

    /// <inheritdoc/>
    public override string Title => "An activation that computes something else";

    internal override bool IsGate => true;   // otherwise the model is found to recognise nothing, or dies, and the cause stays hidden

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var network = subject.Model.Network;
        using var streams = subject.Model.LendStreams(subject.SeedOf(nameof(FaultyActivationCheck)));
        using var still = network.DisableRandomness();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var grid = linspace(-8, 8, 65, ScalarType.Float32, subject.Images.device);
        var findings = new List<Finding>();
        var modules = network.named_modules().Prepend(("", network)).DistinctBy(found => (object)found.Item2, ReferenceEqualityComparer.Instance);
        foreach (var (path, module) in modules)
            if (module is nn.Module<Tensor, Tensor> activation && _forms.TryGetValue(module.GetType(), out var form))
                findings.AddRange(Faults(activation, form(module), grid).Select(fault => Finding(Severity.Invalid, $"{module.GetType().Name} at '{path}' {fault.What}", fault.Action)));
        return findings;
    }

    private static IEnumerable<(string What, string Action)> Faults(nn.Module<Tensor, Tensor> activation, Func<double, double> form, Tensor grid)
    {
        if (Fault(activation, form, grid) is { } fault) yield return (fault, Replacement(activation.GetType().Name));
        if (!HasGradient(activation, grid))
            yield return ("has no gradient: its backward pass fails, and an attack would end the process.", "Make the module without inplace, or set its inplace to false.");
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
        $"Put a sound module in its place with Replace<{type}>, such as new BoundedReLU(max) or one of your own that calls clamp(min, max); or take a version of TorchSharp without this fault.";

    // What it does wrong, or null. What hooks make of it counts: a hook may run another layer in its place.
    private static string? Fault(nn.Module<Tensor, Tensor> activation, Func<double, double> form, Tensor grid)
    {
        var inputs = Numbers(grid);
        double[] right = [.. inputs.Select(form)];
        var found = Numbers(activation.forward(grid.clone()));
        if (Worst(found, right) is not { } worst || Worst(Numbers(activation.call(grid.clone())), right) is null) return null;
        return FormattableString.Invariant(
            $"{(found.SequenceEqual(inputs) ? "hands its input back" : "gives wrong values")}: {found[worst]:G4} for the input {inputs[worst]:G4}, where {right[worst]:G4} is right.");
    }

    // The place of the largest difference; null where none is worth mentioning.
    private static int? Worst(double[] found, double[] right)
    {
        var worst = Enumerable.Range(0, right.Length).MaxBy(i => Difference(found[i], right[i]));
        return Difference(found[worst], right[worst]) > Tolerance * (1 + Math.Abs(right[worst])) ? worst : null;
    }

    private static double Difference(double found, double right) => double.IsNaN(found) ? double.PositiveInfinity : Math.Abs(found - right);

    private static double[] Numbers(Tensor x) => x.to_type(ScalarType.Float64).cpu().data<double>().ToArray();
}
