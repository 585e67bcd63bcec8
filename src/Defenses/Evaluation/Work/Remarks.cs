using System.Globalization;
using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Work;

/// <summary>What the numbers themselves say about how far they can be trusted.</summary>
internal static class Remarks
{
    private const int FewDraws = 30;
    private const double WideInterval = 0.05, NotBroken = 0.2;

    internal static IEnumerable<Finding> On(ReportSettings settings, IReadOnlyList<DefenseResult> defenses)
    {
        var worst = defenses.SelectMany(defense => defense.Strengths).Select(strength => strength.Worst.DefenseRate).OfType<Statistics.Proportion>()
            .Select(rate => (rate.Upper - rate.Lower) / 2).DefaultIfEmpty(1).Max();
        if (worst > WideInterval)
            yield return new Finding(Severity.Warning, "Wide intervals",
                Text($"With {settings.Images} images a rate is known only within ±{100 * worst:F0} points."), "Compare intervals, not values, and evaluate more images.");
        if (settings.Draws < FewDraws && defenses.Any(defense => defense.IsRandom))
            yield return new Finding(Severity.Note, "Few draws",
                $"Random defenses were judged by {settings.Draws} draws of each image, so majority and worst of k are coarse.", "Judge by 100 draws for figures to rely on.");
        foreach (var finding in defenses.SelectMany(defense => OnDefense(settings, defense, defense == defenses[0]))) yield return finding;
    }

    private static IEnumerable<Finding> OnDefense(ReportSettings settings, DefenseResult defense, bool isBase)
    {
        var outside = defense.Strengths.SelectMany(strength => strength.Cells).Where(cell => cell.SameAs is null).Sum(cell => cell.Outcome.OutsideBudget);
        if (outside > 0)
            yield return new Finding(Severity.Warning, "Attack outside its budget",
                $"{outside} adversarial images broke the budget or the bounds, or held NaN; their originals were judged in their place.",
                $"Give attacks whose budget is ε in the norm {settings.Norm}.", defense.Name);
        if (defense.Recognised == 0)
            yield return new Finding(Severity.Invalid, "Recognises nothing", "No image is recognised without an attack, so there is nothing to attack.",
                "Check the weights, the labels and the preprocessing.", defense.Name);
        if (isBase && defense.Strengths[^1].Worst.DefenseRate is { } rate && rate.Lower > NotBroken)
            yield return new Finding(Severity.Warning, "The attacks do not break the first defense",
                Text($"At the largest ε, {settings.Strengths[^1]:G4}, {100 * rate.Rate:F0} % of the answers of '{defense.Name}' still hold, so the attacks say little about the others."),
                "If it is meant to be unprotected, use stronger attacks or a larger ε.", defense.Name);
        if (defense.Strengths.Any(strength => strength.Epsilon == settings.Headline && strength.Worst.Efficiency is { Range: null }))
            yield return new Finding(Severity.Note, "The score has no bounds",
                "The loss of accuracy may be nothing within its interval, and the defense efficiency score divides by it.",
                "Look at the gain and the loss themselves, or evaluate more images.", defense.Name);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
