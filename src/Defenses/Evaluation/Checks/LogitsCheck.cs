using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a model that gives probabilities where attacks need logits.</summary>
/// <remarks>
/// Invalid where no answer is negative and all answers have the same sum (to 0.1 %): a softmax, scaled or not. A warning where all of at least eight answers lie
/// in [0, 1]: logits squashed by a sigmoid, whose gradients vanish. The logarithm of probabilities is as good as logits.
/// </remarks>
public sealed class LogitsCheck : ModelCheck
{
    private const int Enough = 8;

    /// <inheritdoc/>
    public override string Title => "Probabilities instead of logits";

    internal override bool IsGate => true;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        using var scope = NewDisposeScope();
        using var streams = subject.Model.LendStreams(subject.SeedOf(nameof(LogitsCheck)));
        var answers = subject.Model.Answer(subject.Images).to_type(ScalarType.Float64);
        var (low, high) = (answers.min().ToDouble(), answers.max().ToDouble());
        if (answers.dim() != 2 || answers.shape[1] < 2 || low < 0) return [];
        var sums = answers.sum(1);
        var (least, most) = (sums.min().ToDouble(), sums.max().ToDouble());
        if (most > 0 && most - least <= 1e-3 * most && high > low)
            return [Finding(Severity.Invalid, $"No answer is negative and all sum to {most:G3}: the network ends in a softmax, which takes the gradient from confident answers.",
                "Remove the softmax, or wrap the network in a module that takes the logarithm of its output.")];
        return high <= 1 && answers.shape[0] >= Enough
            ? [Finding(Severity.Warning, $"All answers lie within [{low:G3}, {high:G3}]: they look squashed, as by a sigmoid, which takes the gradient from confident answers.",
                "Let the network give what stands before the last activation.")]
            : [];
    }
}
