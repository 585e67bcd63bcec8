using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FlatCurveCheckTests : ReportCheckContract
{
    protected override ReportCheck Subject => ReportCheck.FlatCurve;

    protected override EvaluationReport Broken => new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [0.3, 0.3])] }.Report();

    [Theory]
    [InlineData(0.3, 0.2, 0.11, true)]     // falls by more than chance
    [InlineData(0.3, 0.29, 0.11, false)]   // stands, but the budget hardly grew
    [InlineData(0.3, 0.31, 0.2, false)]    // rises
    [InlineData(0, 0, 0.2, false)]         // too small a budget for anything
    [InlineData(1, 1, 0.2, false)]         // nothing left to fool
    [InlineData(0.06, 0.06, 0.2, false)]   // perhaps less than a twentieth
    [InlineData(0.94, 0.94, 0.2, false)]   // perhaps more than all but a twentieth
    [InlineData(0.3, 0.3, 0.15, true)]     // half as much again, and it stands
    [InlineData(0.3, 0.3, 0.149, false)]
    public void Falling_or_standing_still_counts(double small, double large, double epsilon, bool fires) =>
        Subject.Inspect(new Figures { Cells = [(new Pgd(0.1), AttackerView.Plain, [small, large])], Strengths = [0.1, epsilon] }.Report()).Any()
            .Should().Be(fires);
}
