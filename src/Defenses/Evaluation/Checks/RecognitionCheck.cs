using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a model that recognises its images no more often than a guess would.</summary>
/// <remarks>Fires where none is recognised by majority, or where, of at least eight images, chance could recognise as many (lower end of the 95 % interval at most 1 / classes).</remarks>
public sealed class RecognitionCheck : ModelCheck
{
    private const int Enough = 8;

    /// <inheritdoc/>
    public override string Title => "Recognises no more than a guess";

    internal override bool IsGate => true;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        var recognised = subject.Fooled(subject.Model, subject.Images, subject.Labels).Count(fooled => !fooled);
        var rate = new Proportion(recognised, subject.Count);
        if (recognised == 0 || (subject.Count >= Enough && rate.Lower <= 1.0 / subject.Model.Classes))
            yield return Finding(Severity.Invalid, $"{recognised} of {subject.Count} images are recognised without an attack; a guess among {subject.Model.Classes} classes could do that.",
                "Check the weights, the labels and the preprocessing.");
    }
}
