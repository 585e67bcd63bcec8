using System.Globalization;

namespace Defenses.Evaluation.Reporting;

/// <summary>What a report says, for someone who reads one paragraph of it.</summary>
internal sealed class Verdict
{
    private readonly EvaluationReport _report;

    internal Verdict(EvaluationReport report)
    {
        _report = report;
        Best = report.Defenses.Skip(1).MaxBy(defense => Right(defense).Rate);
    }

    /// <summary>The defense, other than the base, that is right most often under the worst attack; null if there is none.</summary>
    /// <remarks>
    /// By accuracy under attack on all images, not by defense rate: a model that recognises little has little to lose, and must not win for that.
    /// </remarks>
    internal DefenseResult? Best { get; }

    internal DefenseResult Base => _report.Defenses[0];

    /// <summary>Whether the best defense is right more often under attack than the base by more than chance could give.</summary>
    internal bool IsClear => Best is not null && Right(Best).Lower > Right(Base).Upper;

    internal StrengthResult Headline(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == _report.Settings.Headline);

    internal Outcome Worst(DefenseResult defense) => Headline(defense).Worst;

    internal string Title => Best is null ? OfBase()
        : !IsClear ? $"No defense is clearly harder to fool than “{Base.Name}”."
        : Right(Best).Lower > 0.5 ? $"“{Best.Name}” is the hardest to fool: it recognises most images also under attack."
        : Right(Best).Upper < 0.5 ? $"“{Best.Name}” is the hardest to fool, but most attacked images still fool it."
        : $"“{Best.Name}” is the hardest to fool: it recognises about {Words.Percent(Right(Best).Rate, 0)} of the images under attack.";

    internal IEnumerable<string> Sentences
    {
        get
        {
            var budget = $"every input value may change by up to {Words.Epsilon(_report.Settings.Headline, _report.Settings)} of its range";
            if (_report.Settings.Norm != "Linf") budget = $"the {_report.Settings.Norm} size of the change may be up to {Words.Epsilon(_report.Settings.Headline, _report.Settings)}";
            yield return $"Attackers who know the whole model tried to make it err; {budget}.";
            yield return $"Of 100 images under attack, “{Base.Name}” gives the right answer to {OutOf(Base)}.";
            if (Best is null) yield break;
            yield return $"“{Best.Name}” gives it to {OutOf(Best)}, and recognises {Words.Rate(Best.Accuracy.MeanDraw)} of images that nobody attacked, " +
                $"against {Words.Rate(Base.Accuracy.MeanDraw)}.";
            if (!IsClear) yield return "The difference may be chance: more images would tell.";
        }
    }

    private string OfBase() => $"“{Base.Name}” is right on {Words.Percent(Right(Base).Rate, 0)} of the images under attack.";

    private string OutOf(DefenseResult defense)
    {
        var rate = Right(defense);
        return string.Create(CultureInfo.InvariantCulture, $"{100 * rate.Rate:F0} (between {100 * rate.Lower:F0} and {100 * rate.Upper:F0})");
    }

    private Statistics.Proportion Right(DefenseResult defense) => Worst(defense).Accuracy.MeanDraw;
}
