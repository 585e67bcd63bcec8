using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a model that draws outside of its stochastic layers: nobody can count, replay or average such draws.</summary>
/// <remarks>Asks twice with the same streams lent to all stochastic layers; the two answers must agree to 0.1 %.</remarks>
public sealed class HiddenRandomnessCheck : ModelCheck
{
    /// <inheritdoc/>
    public override string Title => "Draws outside of stochastic layers";

    internal override bool IsGate => true;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Ask(subject), Ask(subject));
        var changed = ((first - second).abs() > 1e-3 * (1 + first.abs())).flatten(1).any(1).to_type(ScalarType.Int64).sum().ToInt64();
        return changed == 0 ? [] : [Finding(Severity.Invalid,
            $"Asked twice with the same numbers lent to every stochastic layer, the network answers {changed} of {subject.Count} images differently: something else in it draws.",
            "Derive the layer that draws from StochasticLayer, or replace torch's own dropout by DefensiveDropout.")];
    }

    private static Tensor Ask(CheckSubject subject)
    {
        using var streams = subject.Model.LendStreams(subject.SeedOf(nameof(HiddenRandomnessCheck)));
        return subject.Model.Answer(subject.Images);
    }
}
