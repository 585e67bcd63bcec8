using System.Globalization;
using Defenses.Metrics;
using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>Budgets, scores and verdicts of a report as people read them.</summary>
internal static class ReportFormat
{
    internal static string Score(EfficiencyScore? score) => score?.Value is { } value ? NumberFormat.Short(value) : NumberFormat.None;

    /// <summary>"[12.1, 40.3]", or that it has no bounds.</summary>
    internal static string ScoreRange(EfficiencyScore? score) =>
        score is null ? "" : score.Range is { } range ? $"[{NumberFormat.Short(range.Lower)}, {NumberFormat.Short(range.Upper)}]" : "no bounds";

    /// <summary>"64/255" where a fraction of 255 is meant, else the number.</summary>
    internal static string Epsilon(double epsilon, ReportSettings settings) => Is255th(epsilon, settings)
        ? $"{Math.Round(epsilon * 255).ToString(CultureInfo.InvariantCulture)}/255"
        : epsilon.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>The name of an axis of budgets, and how a budget is written there: "64" where all are meant as fractions of 255.</summary>
    internal static (string Title, Func<double, string> Tick) Axis(ReportSettings settings) => settings.Strengths.All(epsilon => Is255th(epsilon, settings))
        ? ("budget ε, in 255ths", epsilon => Math.Round(epsilon * 255).ToString(CultureInfo.InvariantCulture))
        : ("budget ε", epsilon => epsilon.ToString("G3", CultureInfo.InvariantCulture));

    internal static string Of(Trustworthiness trust) => trust switch
    {
        Trustworthiness.Invalid => "invalid", Trustworthiness.Suspicious => "suspicious", Trustworthiness.NotAttacked => "not attacked", _ => "trustworthy",
    };

    private static bool Is255th(double epsilon, ReportSettings settings) =>
        settings is { Lower: 0, Upper: 1 } && epsilon > 0.001 && Math.Abs(epsilon * 255 - Math.Round(epsilon * 255)) < 1e-4;
}
