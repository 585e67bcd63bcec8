using System.Globalization;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>A check that needs nothing but the numbers of a finished report.</summary>
public abstract class ReportCheck : Check
{
    /// <summary>All checks of this kind.</summary>
    public static IReadOnlyList<ReportCheck> All { get; } =
    [
        new NothingRecognisedCheck(), new OutsideBudgetCheck(), new BaseHoldsCheck(), new LargeBudgetCheck(), new FlatCurveCheck(), new MissingEotCheck(),
        new EotDrawsCheck(), new NoiseWinsCheck(), new BlackBoxWinsCheck(), new SingleStepWinsCheck(), new FewStepsCheck(), new WideIntervalsCheck(), new FewDrawsCheck(), new UnboundedScoreCheck(),
    ];

    /// <summary>What the numbers give reason to doubt; nothing where they give none.</summary>
    /// <exception cref="ArgumentNullException">The report is null.</exception>
    public IEnumerable<Finding> Inspect(EvaluationReport report) => [.. Look(Require.NotNull(report, nameof(report)))];

    /// <summary>What all checks of this kind find, in their order.</summary>
    public static IReadOnlyList<Finding> InspectAll(EvaluationReport report) => [.. All.SelectMany(check => check.Inspect(report))];

    /// <summary>Looks at a report.</summary>
    protected abstract IEnumerable<Finding> Look(EvaluationReport report);

    /// <summary>A finding of this check: how grave, why (written whatever the culture), what to do, and on which defense (null: all).</summary>
    protected Finding Finding(Severity severity, FormattableString reason, string action, DefenseResult? defense = null) =>
        new(severity, Title, reason.ToString(CultureInfo.InvariantCulture), action, defense?.Name);
}
