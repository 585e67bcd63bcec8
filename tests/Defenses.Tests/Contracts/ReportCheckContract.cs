using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Pages;
using Defenses.Tests.Evaluation.Checks;

namespace Defenses.Tests.Contracts;

/// <summary>A check on reports: silent on the report of a sound, strong evaluation of a trained network and of a random one.</summary>
public abstract class ReportCheckContract : CheckContract
{
    /// <summary>The check.</summary>
    protected abstract ReportCheck Subject { get; }

    /// <summary>A report with the fault that the check finds.</summary>
    protected abstract EvaluationReport Broken { get; }

    protected sealed override Check Check => Subject;

    protected sealed override IReadOnlyList<Finding> OnBroken() => [.. Subject.Inspect(Broken)];

    protected sealed override IReadOnlyList<Finding> OnSound() => [.. Subject.Inspect(SoundReport.Value)];

    [Fact]
    public void Every_evaluation_runs_it()
    {
        if (Subject.GetType().Assembly != typeof(ReportCheck).Assembly) return;   // a custom check is given to an evaluation
        ReportCheck.All.Should().ContainSingle(check => check == Subject);
    }

    [Fact]
    public void No_report_is_refused() =>
        Subject.Invoking(check => check.Inspect(null!)).Should().Throw<ArgumentNullException>().WithParameterName("report");
}
