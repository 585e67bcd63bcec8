using System.Globalization;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>A check that reads the numbers of a finished report. Its static properties are the catalog.</summary>
/// <remarks>
/// Rates are compared by their intervals: a difference that random variation could explain is no finding. Attacks are compared
/// only with attacks of the same goal at the same ε, in the norm of the evaluation. Custom checks derive from this class.
/// </remarks>
public abstract class ReportCheck : Check
{
    /// <summary>Finds a defense that recognizes no image: weights, labels or preprocessing are wrong, and there is nothing to attack. Invalid.</summary>
    public static ReportCheck NothingRecognized { get; } = new NothingRecognizedCheck();

    /// <summary>Finds attacks whose images left the budget or the bounds, or held NaN, and were replaced by their originals. A warning.</summary>
    public static ReportCheck OutsideBudget { get; } = new OutsideBudgetCheck();

    /// <summary>Finds attacks that could not attempt some images, such as decision-based attacks without a start. A warning.</summary>
    /// <remarks>Such images count neither as broken nor as held by that attack; other attacks count as usual.</remarks>
    public static ReportCheck NotAttempted { get; } = new NotAttemptedCheck();

    /// <summary>Finds that the attacks do not break the first defense, usually the unprotected model. A warning.</summary>
    /// <remarks>
    /// Such attacks say little about the other defenses. Fires where, at the largest ε, more than a fifth of its answers hold: the lower end of the interval
    /// is above 20 %.
    /// </remarks>
    public static ReportCheck BaseHolds { get; } = new BaseHoldsCheck();

    /// <summary>Finds a defense that holds at a budget that turns every image into plain gray: the attacks failed. Invalid.</summary>
    /// <remarks>
    /// In L∞, ε of half the range turns every image into the same gray one, so an attack that works fools every model, unless it aims at another class. Fires
    /// where ε is as large and success on single answers is surely below 95 %. Source: Carlini et al. 2019, section 4.3 ("with unbounded distortion any
    /// attack should reach 100 %").
    /// </remarks>
    public static ReportCheck LargeBudget { get; } = new LargeBudgetCheck();

    /// <summary>Finds that success does not rise with ε. A warning.</summary>
    /// <remarks>
    /// Reads the worst attack for each image. Fires where success falls significantly (the intervals do not meet), or where ε grows by half or more and
    /// success, surely above 5 % and below 95 %, does not rise at all. Source: Carlini et al. 2019, section 4.3 ("increasing the perturbation budget
    /// strictly increases attack success rate").
    /// </remarks>
    public static ReportCheck FlatCurve { get; } = new FlatCurveCheck();

    /// <summary>Finds a random defense although no attack averaged over its draws: an attack on single draws follows noise. A warning.</summary>
    /// <remarks>
    /// Reads the attacks that want any class but the label, if there are any. Two draws or more behind a gradient count as averaging, of the view or of the
    /// attack itself (<see cref="AttackSettings.Draws"/>), unless the view is the plain one on the defense.
    /// Source: Athalye et al. 2018; Carlini et al. 2019, "properly ensemble over randomness".
    /// </remarks>
    public static ReportCheck MissingEot { get; } = new MissingEotCheck();

    /// <summary>Finds that success still rises at the largest number of draws that the attacks averaged over. A warning.</summary>
    /// <remarks>
    /// Compares, at each ε, the two largest numbers of draws of the same attack with the same goal, on views that differ in nothing else. Fires where the
    /// intervals of success do not meet.
    /// </remarks>
    public static ReportCheck UnsettledEot { get; } = new UnsettledEotCheck();

    /// <summary>Finds random noise that fools more than every gradient attack: those attacks do not work. Invalid.</summary>
    /// <remarks>Fires where the intervals of success do not meet. Source: Carlini et al. 2019, section 5 ("random noise").</remarks>
    public static ReportCheck NoiseWins { get; } = WeakerAttackWinsCheck.Noise;

    /// <summary>Finds an attack without gradients, or a transferred one, that fools more than every gradient attack. A warning.</summary>
    /// <remarks>
    /// A sign of masked gradients. Fires where the intervals of success do not meet.
    /// Source: Athalye et al. 2018, section 3.1 ("black-box attacks are better than white-box attacks").
    /// </remarks>
    public static ReportCheck BlackBoxWins { get; } = WeakerAttackWinsCheck.BlackBox;

    /// <summary>Finds an attack of one step that fools more than every attack of many steps. A warning.</summary>
    /// <remarks>
    /// Fires where the intervals of success do not meet. Source: Athalye et al. 2018, section 3.1 ("one-step attacks perform better than iterative attacks").
    /// </remarks>
    public static ReportCheck SingleStepWins { get; } = WeakerAttackWinsCheck.SingleStep;

    /// <summary>Finds a defense that holds against attacks of fewer than ten steps. A warning.</summary>
    /// <remarks>
    /// Reads the largest number of steps at the headline ε, in the norm of the evaluation. Fires where more than a twentieth of the answers hold: otherwise no
    /// further step could lower the rate. Attacks without a number of steps count as long enough.
    /// Source: Carlini et al. 2019, section 4.2 ("attacks must converge").
    /// </remarks>
    public static ReportCheck FewSteps { get; } = new FewStepsCheck();

    /// <summary>Finds rates that rest on too few images.</summary>
    /// <remarks>
    /// A warning for each defense whose rate at the headline ε is known only to more than ±10 points (fewer than about 100 images, unless nearly all or nearly
    /// none hold). Otherwise a note where some rate is known only to more than ±5 points (fewer than about 400).
    /// </remarks>
    public static ReportCheck WideIntervals { get; } = new WideIntervalsCheck();

    /// <summary>Finds random defenses that were judged by so few draws that majority and worst of k say little.</summary>
    /// <remarks>
    /// A note below 30 draws. A warning below 10, for each random defense that holds more than a twentieth of its answers at the headline ε: one or two draws
    /// then decide what is recognized and what is lost.
    /// </remarks>
    public static ReportCheck FewDraws { get; } = new FewDrawsCheck();

    /// <summary>Finds a defense efficiency score without bounds at the headline ε: its divisor, the loss of accuracy, may be zero. A note.</summary>
    public static ReportCheck UnboundedScore { get; } = new UnboundedScoreCheck();

    /// <summary>All named checks.</summary>
    public static IReadOnlyList<ReportCheck> All { get; } =
    [
        NothingRecognized, OutsideBudget, NotAttempted, BaseHolds, LargeBudget, FlatCurve, MissingEot, UnsettledEot, NoiseWins, BlackBoxWins, SingleStepWins,
        FewSteps, WideIntervals, FewDraws, UnboundedScore,
    ];

    /// <summary>The reasons to doubt that the numbers give; empty where they give none.</summary>
    /// <exception cref="ArgumentNullException">The report is null.</exception>
    public IEnumerable<Finding> Inspect(EvaluationReport report) => [.. InspectCore(Require.NotNull(report, nameof(report)))];

    /// <summary>The findings of all named checks, in their order.</summary>
    public static IReadOnlyList<Finding> InspectAll(EvaluationReport report) => [.. All.SelectMany(check => check.Inspect(report))];

    /// <summary>Reads a report.</summary>
    protected abstract IEnumerable<Finding> InspectCore(EvaluationReport report);

    /// <summary>A finding of this check: how serious, why (numbers are written in the invariant culture), what to do, on which defense (null: all).</summary>
    protected Finding Finding(Severity severity, FormattableString reason, string action, DefenseResult? defense = null) =>
        new(severity, Title, reason.ToString(CultureInfo.InvariantCulture), action, defense?.Name);

    /// <summary>Whether more than a twentieth of a defense's answers hold at a strength: something is left to break.</summary>
    private protected static bool Holds(DefenseResult defense, int strength) => defense.Strengths[strength].Worst.DefenseRate is { Rate: > 0.05 };
}
