using System.Globalization;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Reference;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>
/// Successes on the reference network that are left when the images are saved with 8 bits: found without a constraint and rounded, and found on the lattice.
/// Writes the table of docs/results.md.
/// </summary>
public sealed class LatticeSuccessTests(ITestOutputHelper output)
{
    // 60 for the table of the results: DEFENSES_LATTICE_IMAGES=60.
    private static readonly int s_images =
        int.TryParse(Environment.GetEnvironmentVariable("DEFENSES_LATTICE_IMAGES"), CultureInfo.InvariantCulture, out var count) ? count : 10;

    [SharedFact("reference")]
    public void On_the_lattice_no_success_is_lost_and_nearly_as_many_are_found()
    {
        output.WriteLine("| attack | successes | left after rounding | beyond ε "
            + "| on the lattice | left after rounding | beyond ε | median size, lattice ÷ free |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var epsilon in new[] { 0.05, 0.1, 0.15 }) Compare($"PGD, L∞ {epsilon}", new Pgd(epsilon) { Steps = 20, Restarts = 1 }, epsilon);
        Compare("Square, L∞ 0.15", new Square(0.15) { Candidates = 300 }, 0.15);
        foreach (var epsilon in new[] { 0.5, 1, 1.5 })
            Compare($"Auto-PGD, L2 {epsilon}", new Apgd(epsilon) { Norm = Norm.L2, Steps = 20, Loss = Loss.Margin }, epsilon);
        Compare("Auto-PGD, L1 10", new Apgd(10) { Norm = Norm.L1, Steps = 30, Loss = Loss.Margin }, 10);
        Compare("DeepFool, L2", new DeepFool(), null);
        Compare("DeepFool, L∞", new DeepFool { Norm = Norm.Linf }, null);
        Compare("FAB, L2", new Fab { Norm = Norm.L2, Steps = 20 }, null);
        Compare("C&W, L2", new CarliniWagner { Steps = 100, SearchSteps = 4, InitialConstant = 1, LearningRate = 0.05 }, null);
    }

    private void Compare(string name, Attack attack, double? epsilon)
    {
        using var scope = NewDisposeScope();
        using var network = ReferenceNetwork.Load();
        var (images, classes) = ReferenceNetwork.Mnist();
        var model = new Classifier(network, Bounds.Unit);
        var (x, labels) = (Constraint.EightBit.Round(images.narrow(0, 0, s_images), Bounds.Unit), classes.narrow(0, 0, s_images));
        using var free = (attack with { Seed = 1 }).Run(model, x, labels);
        using var held = (attack with { Seed = 1 }).Run(model, x, labels, constraint: Constraint.EightBit);
        var (found, left, beyond) = Saved(free);
        var (onLattice, kept, over) = Saved(held);
        var both = free.Met.logical_and(held.Met).nonzero().squeeze(1);
        var ratio = both.shape[0] == 0 ? double.NaN : (Median(held.Size.index_select(0, both)) / Median(free.Size.index_select(0, both)));
        output.WriteLine(FormattableString.Invariant($"| {name} | {found} | {left} | {beyond} | {onLattice} | {kept} | {over} | {ratio:0.000} |"));
        kept.Should().Be(onLattice, "every success on the lattice survives");
        over.Should().Be(0);
        onLattice.Should().BeGreaterThanOrEqualTo(Math.Min(left, found - Math.Max(2, s_images / 10)), $"{name} must not lose its strength on the lattice");

        (long Met, long Left, long Beyond) Saved(AttackResult result)
        {
            var saved = Constraint.EightBit.Round(result.Adversarial, Bounds.Unit);
            var survives = result.Met.logical_and(model.Logits(saved).argmax(1).ne(labels));
            var large = epsilon is { } most ? attack.Norm.Size(saved - x) > most * (1 + 1e-4) : zeros_like(survives);
            return (result.Met.sum().ToInt64(), survives.sum().ToInt64(), large.sum().ToInt64());
        }
    }

    private static double Median(Tensor sizes) => sizes.median().ToDouble();
}
