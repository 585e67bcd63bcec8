using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.Recognition"/>
internal sealed class RecognitionCheck : ModelCheck
{
    private const int Enough = 8;

    public override string Title => "Recognises no more than a guess";

    protected internal override bool IsGate => true;

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        var recognized = context.Fooled(context.Model, context.Images, context.Labels).Count(fooled => !fooled);
        var classes = context.Model.Classes;   // known after the first forward pass
        var rate = new Proportion(recognized, context.Count);
        if (recognized == 0 || (context.Count >= Enough && rate.Lower <= 1.0 / classes))
            yield return Finding(Severity.Invalid,
                $"{recognized} of {context.Count} images are recognised without an attack; a guess among {classes} classes could do that.",
                "Check the weights, the labels and the preprocessing.");
    }
}
