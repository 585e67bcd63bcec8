using System.Globalization;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The result of a report in one paragraph.</summary>
internal sealed class HeadlineSummary
{
    private readonly EvaluationReport _report;
    private readonly ThreatRates _rates;

    internal HeadlineSummary(EvaluationReport report)
    {
        (_report, _rates) = (report, new ThreatRates(report.Settings));
        var verdicts = report.Verdicts;
        var ranked = report.Defenses.Zip(verdicts).Skip(1).Where(each => each.Second.Trust != Trustworthiness.Invalid)
            .OrderByDescending(each => Right(each.First).Rate).ToArray();
        Best = ranked.FirstOrDefault().First;
        Doubt = ranked.FirstOrDefault().Second is { Trust: Trustworthiness.Suspicious } verdict ? verdict : null;
        Rivals = Best is null ? []
            : [.. ranked.Skip(1).Select(each => each.First).Where(defense => Over(Best, defense).Lower <= 0 && Over(defense, Base).Lower > 0)];
        Invalid = [.. verdicts.Skip(1).Where(verdict => verdict.Trust == Trustworthiness.Invalid).Select(verdict => verdict.Defense)];
    }

    /// <summary>The defense, other than the base, that is right most often under the worst attack, of those whose numbers are not invalid; null if
    /// there is none.</summary>
    /// <remarks>
    /// By accuracy under attack on all images, not by defense rate: a model that recognizes few images has few to lose, and must not win for that reason.
    /// </remarks>
    internal DefenseResult? Best { get; }

    internal DefenseResult Base => _report.Defenses[0];

    // Why its numbers are suspicious; null where they are not.
    private DefenseVerdict? Doubt { get; }

    // Others that are clearly above the base, while the best is not clearly above them.
    private IReadOnlyList<DefenseResult> Rivals { get; }

    private IReadOnlyList<string> Invalid { get; }

    /// <summary>Whether the best defense is right significantly more often under attack than the base.</summary>
    /// <remarks>By the paired comparison: the interval of the difference, image by image, lies above 0.</remarks>
    internal bool IsClear => Best is not null && Over(Best, Base).Lower > 0;

    /// <summary>Accuracy under attack of one defense minus that of another, image by image; a report without pairs compares two separate rates.</summary>
    private Estimate Over(DefenseResult one, DefenseResult other)
    {
        var (a, b) = (Number(one), Number(other));
        if (_rates.Over(Headline(a > b ? one : other)).ElementAtOrDefault(Math.Min(a, b)) is not { } paired)
            return ProportionDifference.Between(Right(one), Right(other));
        return a > b ? paired : new Estimate(-paired.Value, -paired.Upper, -paired.Lower);
    }

    private int Number(DefenseResult defense) => _report.Defenses.TakeWhile(each => each != defense).Count();

    internal StrengthResult Headline(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == _report.Settings.Headline);

    internal Outcome Worst(DefenseResult defense) => Headline(defense).Worst;

    internal string Title => Best is null ? OfBase()
        : !IsClear ? $"No defense is clearly harder to fool than “{Base.Name}”."
        : Right(Best).Lower > 0.5 ? $"{Hardest}: it recognises most images also under attack{_rates.InAllTries}."
        : Right(Best).Upper < 0.5 ? $"{Hardest}, but most attacked images still fool it."
        : $"{Hardest}: it recognises about {NumberFormat.Percent(Right(Best).Rate, 0)} of the images under attack{_rates.InAllTries}.";

    internal IEnumerable<string> Sentences
    {
        get
        {
            var budget = $"every input value may change by up to {ReportFormat.Epsilon(_report.Settings.Headline, _report.Settings)} of its range";
            if (_report.Settings.Norm != "Linf") budget =
                $"the {_report.Settings.Norm} size of the change may be up to {ReportFormat.Epsilon(_report.Settings.Headline, _report.Settings)}";
            yield return $"{_rates.Attackers} tried to make it err{_rates.UpTo}; {budget}.";
            yield return $"Of 100 images under attack, “{Base.Name}” gives the right answer{_rates.InAllTries} to {OutOf(Base)}.";
            if (Best is null) yield break;
            var (accuracy, before) = (NumberFormat.Percent(_rates.Right(Best).Rate), NumberFormat.Percent(_rates.Right(Base).Rate));
            yield return
                $"“{Best.Name}” gives it to {OutOf(Best)}, and recognises {accuracy} of images without an attack{_rates.InAllTries}, against {before}.";
            var over = Over(Best, Base);
            yield return $"Image by image, that is {More(over.Value)} of 100 than “{Base.Name}” (between {More(over.Lower)} and {More(over.Upper)}).";
            var rivals = string.Join(", ", Rivals.Select(rival => $"“{rival.Name}” gives it to {OutOf(rival)}"));
            if (IsClear && Rivals.Count > 0) yield return $"{rivals}: not clearly fewer, more images would tell.";
            if (Invalid.Count > 0) yield return $"Not compared, because their numbers are invalid: {string.Join(", ", Invalid.Select(name => $"“{name}”"))}.";
        }
    }

    /// <summary>What a reader may rely on: the ranges, and the conclusion for a decision.</summary>
    internal string SafeToSay => Best is null ? $"Under these attacks {Bounded(Base)} of 100 images{_rates.InAllTries}."
        : $"Under these attacks {Bounded(Best)} of 100 images{_rates.InAllTries}, {Bounded(Base, "")}. {Advice}";

    private string Bounded(DefenseResult defense, string verb = "is right ") => string.Create(
        CultureInfo.InvariantCulture, $"“{defense.Name}” {verb}on {100 * Right(defense).Lower:F0} to {100 * Right(defense).Upper:F0}");

    private string Advice => "For you: " + (
        !IsClear ? "nothing here is shown to help at this budget; the difference may be chance: more images would tell."
        : Doubt is { } doubt
            ? $"do not rely on it yet. Its numbers are suspicious ({string.Join("; ", doubt.Because)}), and a stronger attack or more images may take the gain."
        : Right(Best!).Lower > 0.5 ? "it helps at this budget; see below what it costs."
        : "it helps, but an attacker with this budget still succeeds often: do not rely on it alone.");

    // "20 more", "3 fewer".
    private static string More(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(100 * share):F0} {(share < 0 ? "fewer" : "more")}");

    private string Hardest => $"“{Best!.Name}” {(Doubt is null && Rivals.Count == 0 ? "is" : "looks")} the hardest to fool";

    private string OfBase() => $"“{Base.Name}” is right on {NumberFormat.Percent(Right(Base).Rate, 0)} of the images under attack{_rates.InAllTries}.";

    private string OutOf(DefenseResult defense)
    {
        var rate = Right(defense);
        return string.Create(CultureInfo.InvariantCulture, $"{100 * rate.Rate:F0} (between {100 * rate.Lower:F0} and {100 * rate.Upper:F0})");
    }

    private Proportion Right(DefenseResult defense) => _rates.Right(Headline(defense));
}
