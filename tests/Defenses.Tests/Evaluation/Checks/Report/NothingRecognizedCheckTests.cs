using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class NothingRecognizedCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.NothingRecognized;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0, 0])], Recognised = 0 }.Report();

    [Fact]
    public void A_defense_that_recognises_one_image_is_let_be() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0, 0])], Recognised = 1 }.Report()).Should().BeEmpty();
}
