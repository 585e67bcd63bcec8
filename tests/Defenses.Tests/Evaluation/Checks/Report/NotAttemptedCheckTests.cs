using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class NotAttemptedCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.NotAttempted;

    protected override EvaluationReport Broken => new Figures { Cells = [(new HopSkipJump(), AttackerView.Plain, [0.5, 1])], NotAttempted = 3 }.Report();

    [Fact]
    public void Names_the_attack_and_counts_an_image_once_for_all_strengths() => Subject.Inspect(Broken).Single().Reason.Should()
        .Be("HopSkipJump from the view 'plain' found no start on 3 of 500 images: its rate says nothing about them.");
}
