using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>Images before and after an attack, side by side.</summary>
internal sealed class HtmlPictures(EvaluationReport report)
{
    internal string Write()
    {
        if (report.Examples.Count == 0) return "";
        var figures = report.Examples.Select(example =>
            $"""
            <figure class="triple"><h4>{Escaped.Html(example.Defense)}</h4><div>
            {Picture(example, example.Clean, "original")}{Picture(example, example.Adversarial, "attacked")}{Picture(example, example.Difference, "difference")}
            </div><figcaption>A “{Escaped.Html(example.Label)}”{Seen(example)}; fooled in {NumberFormat.Percent(example.SuccessRate, 0)} of answers
            <span class="quiet">{Escaped.Html(example.Attack)}, image {NumberFormat.Whole(example.Index)}; the largest change is {ReportFormat.Epsilon(example.DifferenceScale, report.Settings)}</span></figcaption></figure>
            """);
        return $"""
            <section><h2>What an attacked image looks like</h2>
            <p>One image for each defense at ε = {ReportFormat.Epsilon(report.Settings.Headline, report.Settings)}: as it was, after the attack that was worst for it, and the change
            (grey is none, black and white the largest).</p>
            <div class="pictures">{string.Concat(figures)}</div></section>
            """;
    }

    private static string Seen(ExampleImage example) =>
        $", seen as “{Escaped.Html(example.CleanPrediction)}” and after the attack as “{Escaped.Html(example.AdversarialPrediction)}”";

    private static string Picture(ExampleImage example, byte[] planes, string what) =>
        $"<span class=\"picture\"><img src=\"{Png.DataUri(planes, example.Channels, example.Height, example.Width)}\" width=\"{example.Width}\" height=\"{example.Height}\" alt=\"{what} of a “{Escaped.Html(example.Label)}”\"><small>{what}</small></span>";
}
