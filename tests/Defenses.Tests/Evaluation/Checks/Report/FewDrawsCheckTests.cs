using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FewDrawsCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.FewDraws;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(5), [0.5, 1])], IsRandom = true, Draws = 29 }
        .Report();

    [Theory]
    [InlineData(9, 0.6, Severity.Warning)]
    [InlineData(10, 0.6, Severity.Note)]
    [InlineData(9, 1, Severity.Note)]      // nothing holds: no draw could tell more
    public void Under_ten_draws_are_suspicious_where_something_holds(int draws, double success, Severity severity)
    {
        var found = Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Eot(5), [0.5, success])], IsRandom = true, Draws = draws }
            .Report()).Single();
        (found.Severity, found.Defense).Should().Be((severity, severity == Severity.Warning ? "d" : null));
    }

    [Fact]
    public void A_deterministic_defense_needs_no_draws() =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.5, 1])], Draws = 1 }.Report()).Should().BeEmpty();
}
