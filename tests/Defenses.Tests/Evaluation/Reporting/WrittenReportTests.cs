using System.Globalization;
using System.Text.RegularExpressions;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed partial class WrittenReportTests
{
    private static readonly EvaluationReport Report = SampleReport.Make(200, 10, 8);
    private static readonly EvaluationReport Sound = Report with { Findings = [] };

    [Fact]
    public void The_page_needs_nothing_but_itself()
    {
        var page = Report.ToHtml();
        page.Should().NotContain("<script").And.NotContain("http:").And.NotContain("https:").And.NotContain("@import").And.NotContain("url(")
            .And.NotContain("<link");
        Regex.Matches(page, "src=\"(.*?)\"").Should().OnlyContain(match => match.Groups[1].Value.StartsWith("data:image/png;base64,"));
        page.Should().Contain("prefers-color-scheme:dark").And.Contain("@media print").And.Contain("width=device-width");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void Every_tag_of_the_page_is_closed_in_its_place(int defenses)
    {
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(SampleReport.Make(40, 3, defenses).ToHtml()))
        {
            var name = tag.Groups["name"].Value;
            if (name is "meta" or "img" or "br" or "!DOCTYPE" || tag.Value.EndsWith("/>", StringComparison.Ordinal)) continue;
            if (tag.Groups["close"].Length == 0) open.Push(name);
            else open.Pop().Should().Be(name, "before character {0}", tag.Index);
        }
        open.Should().BeEmpty();
    }

    [Fact]
    public void Names_cannot_break_out_of_the_page_or_of_a_table()
    {
        const string Bad = "<script>alert(1)</script> & \"x\" | y";
        var report = Report with
        {
            Title = Bad, Settings = Report.Settings with { Dataset = Bad, Command = Bad }, Findings = [new Finding(Severity.Note, Bad, Bad, Bad, Bad)],
            Defenses = [.. Report.Defenses.Select(defense => defense with { Name = Bad, Description = Bad, Layers = [Bad] })],
            Examples = [.. Report.Examples.Select(
                example => example with { Defense = Bad, Attack = Bad, Label = Bad, CleanPrediction = Bad, AdversarialPrediction = Bad })],
        };
        report.ToHtml().Should().NotContain("<script").And.NotContain("\"x\"").And.Contain("&lt;script&gt;");
        var markdown = report.ToMarkdown();
        markdown.Should().NotContain("<script");
        foreach (var table in markdown.Split("\n\n").Where(part => part.StartsWith('|')))
            table.Trim().Split('\n').Select(line => Regex.Count(line, @"(?<!\\)\|")).Distinct().Should()
                .ContainSingle("each row has as many cells as the head");
    }

    [Fact]
    public void Page_and_markdown_hold_each_defense_with_its_rates_and_intervals()
    {
        var (page, markdown) = (Report.ToHtml(), Report.ToMarkdown());
        foreach (var defense in Report.Defenses)
        {
            var worst = defense.Strengths[^1].Worst;
            foreach (var text in new[] { page, markdown })
                text.Should().Contain(defense.Name).And.Contain(PageCell.Of(defense.Accuracy.MeanDraw).ValueText)
                    .And.Contain(PageCell.Of(defense.Accuracy.MeanDraw).RangeText)
                    .And.Contain(PageCell.Of(worst.DefenseRate).ValueText).And.Contain(PageCell.Of(worst.DefenseRate).RangeText)
                        .And.Contain(EvaluationTables.Score(worst.Efficiency).ValueText);
        }
        page.Should().Contain("×1.07").And.Contain("fixed draw").And.Contain("18446744073709551615").And.Contain("defenses run --preset quick --seed 7");
        markdown.Should().Contain("### ε = 64/255").And.Contain("## ε = 8/255");
    }

    [Fact]
    public void A_report_without_times_findings_or_pictures_is_written_too()
    {
        var report = Report with { Timing = null, Findings = [], Examples = [] };
        report.ToHtml().Should().NotContain("Read with care").And.NotContain("What an attacked image").And.NotContain("Finished");
        report.ToMarkdown().Should().NotContain("Read with care").And.NotContain("# Time");
    }

    [Fact]
    public void Findings_that_several_defenses_share_are_told_once()
    {
        var report = Report with { Findings = [new(Severity.Note, "Few", "r", "a", "A"), new(Severity.Invalid, "Grave", "r", "a", "B"),
            new(Severity.Note, "Few", "r", "a", "C")] };
        report.ToMarkdown().Should().Contain("- **Invalid: Grave** (B). r a\n- **Note: Few** (A, C). r a\n");
    }

    [Fact]
    public void The_top_of_the_page_says_what_is_safe_to_say_when_and_how_it_was_made_and_where_the_numbers_and_the_sections_are()
    {
        var (page, top) = (EvaluationPage.From(Report), Report.ToHtml()[..Report.ToHtml().IndexOf("<section", StringComparison.Ordinal)]);
        top.Should().Contain("Safe to say.").And.Contain("2026-01-02 03:04 UTC").And.Contain("defenses run --preset quick --seed 7")
            .And.Contain("href=\"report.json\"").And.Contain("href=\"report.csv\"");
        foreach (var address in Regex.Matches(top, "href=\"#(.*?)\"").Select(match => match.Groups[1].Value))
            Report.ToHtml().Should().Contain($"<section id=\"{address}\"><h2>");
        Regex.Count(top, "href=\"#").Should().Be(page.Sections.Count + 2, "the verdicts and the findings are places, too");
        Report.ToMarkdown().Should().Contain("Numbers: [report.json](report.json), [report.csv](report.csv)");
    }

    [Fact]
    public void Of_many_defenses_the_common_figure_shows_the_best_and_the_first_in_their_own_colors()
    {
        var together = new EvaluationFigures(Report).Together();
        together.Series.Should().HaveCount(6).And.OnlyContain(series => series.Color == Report.Defenses.ToList().FindIndex(each => each.Name == series.Name));
        together.Series[0].Name.Should().Be("Unprotected");
        var least = together.Series.Skip(1).Min(series => series.Points[^1].Y);
        Report.Defenses.Skip(1).Where(defense => together.Series.All(series => series.Name != defense.Name))
            .Select(defense => defense.Strengths[^1].Worst.Accuracy.MeanDraw.Rate).Should().HaveCount(2).And.OnlyContain(rate => rate <= least);
        new EvaluationFigures(SampleReport.Make(40, 3, 5)).Together().Should().Match<CurveFigure>(figure => figure.Series.Count == 5 && figure.Note == null);
    }

    [Fact]
    public void The_verdict_says_what_the_intervals_allow()
    {
        new HeadlineSummary(Sound).Title.Should().Be("“HRS 5×5” is the hardest to fool, but most attacked images still fool it.");
        new HeadlineSummary(Sound).SafeToSay.Should().StartWith("Under these attacks “HRS 5×5” is right on ").And.Contain(". For you: it helps, but");
        var few = SampleReport.Make(20, 3, 2);
        new HeadlineSummary(few).Title.Should().Be("No defense is clearly harder to fool than “Unprotected”.");
        new HeadlineSummary(few).SafeToSay.Should().Contain("may be chance");
        new HeadlineSummary(SampleReport.Make(20, 3, 1)).Title.Should().StartWith("“Unprotected” is right on");
        var weak = Sound with { Settings = Report.Settings with { Headline = Report.Settings.Strengths[1] } };
        new HeadlineSummary(weak).Title.Should().Contain("the hardest to fool: it recognises");
    }

    // The two rates' own intervals overlap; image by image the difference is clear, and the headline says what the table says.
    [Theory]
    [InlineData(0.02, "looks the hardest to fool")]
    [InlineData(-0.02, "No defense is clearly harder to fool")]
    public void Clear_is_what_the_comparison_image_by_image_says(double lower, string title)
    {
        var few = SampleReport.Make(20, 3, 2);
        var best = new HeadlineSummary(few).Best!;
        var number = few.Defenses.ToList().IndexOf(best);
        var paired = best with { Strengths = [.. best.Strengths.Select(
            strength => strength with { AccuracyOver = [.. Enumerable.Repeat(new Defenses.Statistics.Estimate(0.2, lower, 0.4), number)] })] };
        var verdict = new HeadlineSummary(
            few with { Defenses = [.. few.Defenses.Select(defense => defense == best ? paired : defense)],
            Findings = [new(Severity.Warning, "Few", "r", "a", best.Name)] });
        verdict.IsClear.Should().Be(lower > 0);
        verdict.Title.Should().Contain(title);
        verdict.Sentences.Should().Contain(sentence => sentence.StartsWith("Image by image, that is 20 more of 100", StringComparison.Ordinal));
    }

    [Fact]
    public void What_looks_strong_by_suspicious_numbers_only_looks_so_and_invalid_numbers_do_not_count()
    {
        var doubted = Report with { Findings = [new(Severity.Warning, "Weak attacks", "r", "a", "HRS 5×5")] };
        new HeadlineSummary(doubted).Title.Should().StartWith("“HRS 5×5” looks the hardest to fool");
        new HeadlineSummary(doubted).SafeToSay.Should()
            .EndWith("For you: do not rely on it yet. Its numbers are suspicious (Weak attacks), and a stronger attack or more images may take the gain.");
        var broken = new HeadlineSummary(Report with { Findings = [new(Severity.Invalid, "No gradient", "r", "a", "HRS 5×5")] });
        broken.Best!.Name.Should().NotBe("HRS 5×5");
        broken.Sentences.Should().Contain("Not compared, because their numbers are invalid: “HRS 5×5”.");
    }

    [Fact]
    public void A_defense_that_is_not_clearly_above_the_next_only_looks_the_hardest()
    {
        var best = new HeadlineSummary(Sound).Best!;
        var twin = Sound with { Defenses = [.. Sound.Defenses, best with { Name = "its twin" }] };
        new HeadlineSummary(twin).Title.Should().Contain("looks the hardest");
        new HeadlineSummary(twin).Sentences.Should().Contain(sentence => sentence.Contains("its twin") && sentence.Contains("not clearly fewer"));
    }

    [Fact]
    public void The_success_of_each_attack_is_drawn_over_the_budget_as_it_is_in_the_report()
    {
        var defense = Report.Defenses[^1];
        var figure = new EvaluationFigures(Report).Attacks(defense)!;
        figure.Series.Select(series => series.Name).Should()
            .Equal(Report.Settings.Attacks.Select(attack => attack.View == "plain" ? attack.Attack : $"{attack.Attack}, {attack.View}"));
        for (var cell = 0; cell < figure.Series.Count; cell++)
        {
            figure.Series[cell].Points.Select(point => Math.Round(point.X, 6)).Should().Equal(8, 16, 32, 64);
            figure.Series[cell].Points.Select(point => point.Y).Should()
                .Equal(defense.Strengths.Select(strength => strength.Cells[cell].Outcome.DefenseRate!.Complement().Rate));
        }
        new EvaluationFigures(Report).Attacks(Report.Defenses[0])!.Series.Select(series => series.Name).Should()
            .Equal(["FGSM", "PGD", "CW-PGD"], "views of a network that does not draw are all the same");
        Report.ToHtml().Should().Contain("Answers of “Unprotected” that each attack turns wrong").And.Contain("Answers of “HRS 5×5” that each");
    }

    [Fact]
    public void A_badge_speaks_of_the_numbers_and_not_of_the_defense() =>
        Report.ToHtml().Should().NotContain(">trustworthy<").And.NotContain(">suspicious<").And.Contain(" numbers</span>")
            .And.Contain(EvaluationPage.AboutVerdicts);

    [Fact]
    public void A_defense_that_recognises_little_does_not_win_by_holding_that_little()
    {
        var best = new HeadlineSummary(Report).Best!;
        var nothing = new Defenses.Statistics.Proportion(0, Report.Settings.Images);
        var blind = best with
        {
            Strengths = [.. best.Strengths.Select(strength => strength with
            {
                Worst = strength.Worst with { DefenseRate = new Defenses.Statistics.Proportion(1, 1), Accuracy = new DrawRates(nothing, nothing, nothing) },
            })],
        };
        var report = Report with { Defenses = [.. Report.Defenses.Select(defense => defense == best ? blind : defense)] };
        new HeadlineSummary(report).Best!.Name.Should().NotBe(best.Name);
    }

    [Fact]
    public void The_text_does_not_depend_on_the_culture_of_the_machine()
    {
        var (page, markdown, json) = (Report.ToHtml(), Report.ToMarkdown(), Report.ToJson());
        var before = CultureInfo.CurrentCulture;
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NegativeSign) = (",", "~");
        CultureInfo.CurrentCulture = other;
        try { (Report.ToHtml(), Report.ToMarkdown(), Report.ToJson()).Should().Be((page, markdown, json)); }
        finally { CultureInfo.CurrentCulture = before; }
    }

    [Fact]
    public void Saving_writes_four_whole_files_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var target = Path.Combine(folder.Path, "new", "one");
        Report.Save(target);
        Report.Save(target);
        Directory.GetFiles(target).Select(Path.GetFileName).Order().Should().Equal("report.csv", "report.html", "report.json", "report.md");
        EvaluationReport.FromJson(File.ReadAllText(Path.Combine(target, "report.json"))).ToJson().Should().Be(Report.ToJson());
    }

    [Fact]
    public void A_report_that_cannot_be_saved_leaves_nothing_half_written()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "file"), "");
        Report.Invoking(of => of.Save(Path.Combine(folder.Path, "file"))).Should().Throw<IOException>().WithMessage("*Choose another*");
        Directory.CreateDirectory(Path.Combine(folder.Path, "report.json"));
        Report.Invoking(of => of.Save(folder.Path)).Should().Throw<Exception>();
        Directory.GetFiles(folder.Path).Select(Path.GetFileName).Should().Equal("file");
    }

    [Theory]
    [InlineData(64 / 255d, "64/255")]
    [InlineData(0.3, "0.3")]
    [InlineData(0.031, "0.031")]
    public void Budgets_are_fractions_of_255_where_they_are_meant_so(double epsilon, string text)
    {
        ReportFormat.Epsilon(epsilon, Report.Settings).Should().Be(text);
        ReportFormat.Epsilon(epsilon, Report.Settings with { Upper = 255 }).Should().NotContain("/");
    }

    [Fact]
    public void Ticks_are_round()
    {
        Check(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]);
        Check(-1.5, 4.2, [-1, 0, 1, 2, 3, 4]);
        Check(0, 30, [0, 10, 20, 30]);

        static void Check(double low, double high, double[] ticks) =>
            SvgChart.Ticks(low, high).Zip(ticks, (a, b) => Math.Abs(a - b)).Should().HaveCount(ticks.Length).And.OnlyContain(distance => distance < 1e-9);
    }

    [Fact]
    public void A_chart_puts_data_where_they_belong()
    {
        var chart = new SvgChart(460, 320, (0, 2), (0, 1));
        chart.X(1).Should().Be((chart.X(0) + chart.X(2)) / 2);
        chart.Y(0.5).Should().Be((chart.Y(0) + chart.Y(1)) / 2);
        chart.Y(1).Should().BeLessThan(chart.Y(0), "up is more");
    }

    [GeneratedRegex("<(?<close>/?)(?<name>!?[A-Za-z][A-Za-z0-9]*)[^>]*>")]
    private static partial Regex Tag();
}
