using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>The report of an evaluation as a page: what was found, whether to believe it, and all numbers. report.html and report.md are this page.</summary>
public static class EvaluationPage
{
    // A defense must not be praised because its numbers are trustworthy.
    internal const string AboutVerdicts =
        "A defense looks strong when the attack on it is weak. These are the verdicts of checks that look for that. They are about the numbers, not about "
        + "the defense: a weak defense whose weakness was measured well has trustworthy numbers.";

    /// <summary>Makes the page of a report. Add custom sections: <c>page with { Sections = [.. page.Sections, section] }</c>.</summary>
    /// <param name="report">The report.</param>
    public static Page From(EvaluationReport report)
    {
        Require.NotNull(report, nameof(report));
        var (summary, tables, figures) = (new HeadlineSummary(report), new EvaluationTables(report), new EvaluationFigures(report));
        IEnumerable<PageSection?> sections =
        [
            Gain(report, tables), Curves(report, figures), Together(report, figures), TriesSection.Of(report), Attacks(report, summary, tables, figures),
            new CostSection(report, summary).Make(),
            Images(report), Numbers(report, tables), MethodSection.Of(report),
        ];
        return new Page
        {
            Eyebrow = report.Title, Title = summary.Title, SafeToSay = summary.SafeToSay, Lead = [.. summary.Sentences], Tiles = Tiles(report),
            Origin = [.. Origin(report)], Files = ["report.json", "report.csv"], Opening = Verdicts(report),
            Findings = report.Findings, Terms = Terms(report.Settings), Confidence = report.Settings.Confidence,
            Sections = [.. sections.OfType<PageSection>()],
        };
    }

    /// <summary>The verdict on a defense's numbers.</summary>
    internal static PageBadge Badge(Trustworthiness trust) => new($"{ReportFormat.Of(trust)} numbers", trust switch
    {
        Trustworthiness.Invalid => Severity.Invalid, Trustworthiness.Suspicious => Severity.Warning, _ => Severity.Note,
    });

    private static IEnumerable<PageEntry> Origin(EvaluationReport report)
    {
        if (report.Timing is { } timing) yield return new("Date", MethodSection.Date(timing));
        if (report.Settings.Command is { } command) yield return new("Command", command);
    }

    private static PageEntry[] Tiles(EvaluationReport report)
    {
        var settings = report.Settings;
        return
        [
            new("Defenses", NumberFormat.Whole(report.Defenses.Count), "compared"), new("Images", NumberFormat.Whole(settings.Images), settings.Dataset ?? ""),
            new("Attacks", NumberFormat.Whole(settings.Attacks.Count), $"up to ε = {Epsilon(report, settings.Strengths[^1])}"),
            new("Draws", NumberFormat.Whole(settings.Draws), "to judge an image"),
            new("Tries", NumberFormat.Whole(settings.Attacker.Tries), $"at each image; {settings.Attacker.Short}"),
        ];
    }

    private static PageSection Verdicts(EvaluationReport report) => new("Can the numbers be believed?")
    {
        Text = [AboutVerdicts + (report.Findings.Count > 0 ? " The reasons are below." : "")],
        Method = [.. report.Verdicts.Select(verdict => new PageEntry(verdict.Defense, string.Join("; ", verdict.Because)) { Badge = Badge(verdict.Trust) })],
    };

    private static PageEntry[] Terms(ReportSettings settings) =>
    [
        new("worst attack", "for each image the attack and view that fool the model most often. It is chosen by one set of draws and judged by another."),
        new("one answer", "the share of single answers. A model that draws at random can be right about an image in one answer and wrong in the next."),
        new("majority", $"what a vote over {settings.Draws} draws decides."),
        new($"all {settings.Draws}", "images on which no single draw errs: what is left when the attacker may ask again and again."),
        new("p", "the p-value of McNemar's test against the first defense: a small one means that chance does not explain the difference."),
    ];

    private static PageSection Gain(EvaluationReport report, EvaluationTables tables) => new("What each defense gains, and what it costs")
    {
        Text = [$"At ε = {Epsilon(report, report.Settings.Headline)}. The first row is what the others are compared with."],
        Tables = [tables.Summary(report.Settings.Headline)],
    };

    // With one defense the figure of all is its own.
    private static PageSection Curves(EvaluationReport report, EvaluationFigures figures) => new("How accuracy falls as the attacker may change more")
    {
        Text =
        [
            "Every image counts with the attack that is worst for it. A defense that helps stays up longer; at a large enough budget every model must fall."
                + (report.Defenses.Count < 2 ? "" : $" The band is the interval; the dashed line is “{report.Defenses[0].Name}”."),
        ],
        Figures = report.Defenses.Count < 2 ? [figures.Together()] : [.. report.Defenses.Select(figures.Alone)],
    };

    private static PageSection? Together(EvaluationReport report, EvaluationFigures figures) => report.Defenses.Count < 2 ? null : new("All defenses together")
    {
        Figures = [figures.Together(), .. figures.GainOverLoss() is { } scatter ? new[] { scatter } : []],
    };

    private static PageSection Attacks(EvaluationReport report, HeadlineSummary summary, EvaluationTables tables, EvaluationFigures figures) =>
        new("Which attack works best")
    {
        Text =
        [
            $"Defense rate by attack and by the attacker's view, at ε = {Epsilon(report, report.Settings.Headline)}: the darker, the more answers hold. " +
                $"An attacker takes the worst, "
                + "so the first column counts.",
        ],
        Tables = [tables.ByAttack(report.Settings.Headline), .. tables.Basis(report.Settings.Headline) is { } basis ? new[] { basis } : []],
        // Of the unprotected network and of the network in the title.
        Figures = [.. new[] { summary.Base, summary.Best }.OfType<DefenseResult>().Select(figures.Attacks).OfType<CurveFigure>()],
    };

    private static PageSection? Images(EvaluationReport report) => report.Examples.Count == 0 ? null : new("What an attacked image looks like")
    {
        Text =
        [
            $"One image for each defense at ε = {Epsilon(report, report.Settings.Headline)}: as it was, after the attack that was worst for it, and the " +
                $"change (grey is none, "
                + "black and white the largest).",
        ],
        Images = [.. report.Examples.Select(example => Strip(report, example))],
    };

    private static PageImages Strip(EvaluationReport report, ExampleImage example)
    {
        PageImage Image(string what, byte[] pixels) =>
            new(what, example.Channels, example.Height, example.Width, pixels) { Description = $"{what} of a “{example.Label}”" };
        return new(
            example.Defense, [Image("original", example.Clean), Image("attacked", example.Adversarial), Image("difference", example.Difference)],
            $"A “{example.Label}”, seen as “{example.CleanPrediction}” and after the attack as “{example.AdversarialPrediction}”; fooled in "
                + $"{NumberFormat.Percent(example.SuccessRate, 0)} of answers",
            $"{example.Attack}, image {NumberFormat.Whole(example.Index)}; the largest change is {Epsilon(report, example.DifferenceScale)}");
    }

    private static PageSection Numbers(EvaluationReport report, EvaluationTables tables) => new("All numbers")
    {
        Text =
        [
            "A model that draws at random can be right about an image in one answer and wrong in the next. “One answer” is the share of single answers, " +
                "“majority” what a vote over "
                + $"{report.Settings.Draws} draws decides, “all {report.Settings.Draws}” the images on which no single draw errs: what is left when the " +
                    $"attacker may ask again and again.",
        ],
        Details = [.. report.Settings.Strengths.Reverse().Select(epsilon => new PageSection($"ε = {Epsilon(report, epsilon)}")
        {
            Tables = epsilon == report.Settings.Headline ? [tables.Counting(epsilon)]
                : [tables.Summary(epsilon), tables.ByAttack(epsilon), tables.Counting(epsilon)],
        })],
    };

    private static string Epsilon(EvaluationReport report, double epsilon) => ReportFormat.Epsilon(epsilon, report.Settings);
}
