using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.Logits"/>
internal sealed class LogitsCheck : ModelCheck
{
    private const int Enough = 8;
    private const double Tolerance = 1e-3;

    public override string Title => "Probabilities instead of logits";

    protected internal override bool IsGate => true;

    protected internal override string? WhyNot(CheckContext context) => context.Without(ModelAnswers.Scores);

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        using var scope = NewDisposeScope();
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(LogitsCheck)));
        var answers = context.Answer(context.Images).to_type(ScalarType.Float64);
        var (low, high) = (answers.min().ToDouble(), answers.max().ToDouble());
        if (answers.dim() != 2 || answers.shape[1] < 2 || low < 0) return [];
        var sums = answers.sum(1);
        var (least, most) = (sums.min().ToDouble(), sums.max().ToDouble());
        if (most > 0 && most - least <= Tolerance * most && high > low)
            return [Finding(Severity.Invalid,
                $"No answer is negative and all sum to {most:G3}: the network ends in a softmax, which takes the gradient from confident answers.",
                "Remove the softmax, or wrap the network in a module that takes the logarithm of its output.")];
        return high <= 1 && answers.shape[0] >= Enough
            ? [Finding(Severity.Warning,
                $"All answers lie within [{low:G3}, {high:G3}]: they look squashed, as by a sigmoid, which takes the gradient from confident answers.",
                "Let the network return the input of its last activation.")]
            : [];
    }
}
