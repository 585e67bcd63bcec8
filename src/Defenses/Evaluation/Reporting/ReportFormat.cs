using System.Globalization;

namespace Defenses.Evaluation.Reporting;

/// <summary>Budgets and verdicts of a report as people read them.</summary>
internal static class ReportFormat
{
    /// <summary>"64/255" where a fraction of 255 is meant, else the number.</summary>
    internal static string Epsilon(double epsilon, ReportSettings settings) => Is255th(epsilon, settings)
        ? $"{Math.Round(epsilon * 255).ToString(CultureInfo.InvariantCulture)}/255"
        : epsilon.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>The title of an axis of budgets.</summary>
    internal static string AxisTitle(ReportSettings settings) => HasBudgetsOf255ths(settings) ? "budget ε, in 255ths" : "budget ε";

    /// <summary>Where a budget stands on that axis.</summary>
    internal static double Place(double epsilon, ReportSettings settings) => HasBudgetsOf255ths(settings) ? Math.Round(epsilon * 255, 6) : epsilon;

    internal static string Of(Trustworthiness trust) => trust switch
    {
        Trustworthiness.Invalid => "invalid", Trustworthiness.Suspicious => "suspicious", Trustworthiness.NotAttacked => "not attacked", _ => "trustworthy",
    };

    private static bool HasBudgetsOf255ths(ReportSettings settings) => settings.Strengths.All(epsilon => Is255th(epsilon, settings));

    private static bool Is255th(double epsilon, ReportSettings settings) =>
        settings is { Lower: 0, Upper: 1 } && epsilon > 0.001 && Math.Abs(epsilon * 255 - Math.Round(epsilon * 255)) < 1e-4;
}
