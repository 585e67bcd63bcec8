using System.Globalization;

namespace Defenses.Evaluation.Reporting;

/// <summary>What a report says, for someone who reads one paragraph of it.</summary>
internal sealed class Verdict
{
    private readonly EvaluationReport _report;

    internal Verdict(EvaluationReport report)
    {
        _report = report;
        Best = report.Defenses.Skip(1).Where(defense => Worst(defense).DefenseRate is not null).MaxBy(defense => Worst(defense).DefenseRate!.Rate);
    }

    /// <summary>The defense, other than the base, whose answers hold most often under the worst attack; null if there is none.</summary>
    internal DefenseResult? Best { get; }

    internal DefenseResult Base => _report.Defenses[0];

    /// <summary>Whether the gain of the best defense is more than chance could give.</summary>
    internal bool IsClear => Best is not null && Worst(Best).Efficiency is { } score && score.RateGain.Lower > 0;

    internal StrengthResult Headline(DefenseResult defense) => defense.Strengths.Single(strength => strength.Epsilon == _report.Settings.Headline);

    internal Outcome Worst(DefenseResult defense) => Headline(defense).Worst;

    internal string Title => Best is null ? OfBase()
        : !IsClear ? $"No defense is clearly harder to fool than “{Base.Name}”."
        : Worst(Best).DefenseRate!.Upper < 0.5 ? $"“{Best.Name}” is the hardest to fool, but most attacked images still fool it."
        : $"“{Best.Name}” is the hardest to fool: most of its answers to attacked images hold.";

    internal IEnumerable<string> Sentences
    {
        get
        {
            var budget = $"every input value may change by up to {Words.Epsilon(_report.Settings.Headline, _report.Settings)} of its range";
            if (_report.Settings.Norm != "Linf") budget = $"the {_report.Settings.Norm} size of the change may be up to {Words.Epsilon(_report.Settings.Headline, _report.Settings)}";
            yield return $"Attackers who know the whole model tried to make it err on images that it recognises; {budget}.";
            yield return $"Of 100 attacked images, “{Base.Name}” still gives the right answer to {OutOf(Base)}.";
            if (Best is null) yield break;
            yield return $"“{Best.Name}” still gives it to {OutOf(Best)}, and recognises {Words.Rate(Best.Accuracy.MeanDraw)} of images that nobody attacked, " +
                $"against {Words.Rate(Base.Accuracy.MeanDraw)}.";
            if (!IsClear) yield return "The difference may be chance: more images would tell.";
        }
    }

    private string OfBase() => Worst(Base).DefenseRate is { } rate
        ? $"“{Base.Name}” keeps {Words.Percent(rate.Rate, 0)} of its answers under attack."
        : $"“{Base.Name}” recognises nothing.";

    private string OutOf(DefenseResult defense) => Worst(defense).DefenseRate is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * rate.Rate:F0} (between {100 * rate.Lower:F0} and {100 * rate.Upper:F0})")
        : "none, because it recognises nothing";
}
