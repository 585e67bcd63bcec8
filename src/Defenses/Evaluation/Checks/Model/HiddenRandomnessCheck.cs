using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.HiddenRandomness"/>
internal sealed class HiddenRandomnessCheck : ModelCheck
{
    private const double Tolerance = 1e-3;

    public override string Title => "Draws outside of stochastic layers";

    protected internal override bool IsGate => true;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Answer(context), Answer(context));
        var changed = ((first - second).abs() > Tolerance * (1 + first.abs())).flatten(1).any(1).to_type(ScalarType.Int64).sum().ToInt64();
        return changed == 0 ? [] : [Finding(Severity.Invalid,
            $"Run twice with the same random numbers in every stochastic layer, the network answers {changed} of {context.Count} images differently.",
            "Find what else draws. Derive that layer from StochasticLayer, or replace torch's own dropout by DefensiveDropout.")];
    }

    private static Tensor Answer(CheckContext context)
    {
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(HiddenRandomnessCheck)));
        return context.Model.Answer(context.Images);
    }
}
