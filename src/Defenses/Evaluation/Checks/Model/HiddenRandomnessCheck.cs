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

    protected internal override string? WhyNot(CheckContext context) => context.Classifier is null && context.Model.IsRandom
        ? "not applicable: the model says that it draws, and its own draws cannot be repeated" : null;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (Answer(context), Answer(context));
        var changed = ((first - second).abs() > Tolerance * (1 + first.abs())).flatten(1).any(1).to_type(ScalarType.Int64).sum().ToInt64();
        return changed == 0 ? [] : [Finding(Severity.Invalid,
            $"Run twice with the same random numbers in every stochastic layer, the network answers {changed} of {context.Count} images differently.",
            context.Networks.Count == 0 ? "Find what draws behind the function. If it has to draw, make the oracle with isRandom: true: then draws are counted."
                : "Find what else draws. Derive that layer from StochasticLayer, or replace torch's own dropout by DefensiveDropout.")];
    }

    private static Tensor Answer(CheckContext context)
    {
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(HiddenRandomnessCheck)));
        return context.Answer(context.Images);
    }
}
