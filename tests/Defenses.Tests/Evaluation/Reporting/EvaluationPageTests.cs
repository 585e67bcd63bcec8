using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class EvaluationPageTests
{
    private static readonly EvaluationReport s_report = GoldenReport.Make();
    private static readonly Page s_page = EvaluationPage.From(s_report);

    [Fact]
    public void The_files_of_a_report_are_its_page()
    {
        (s_report.ToHtml(), s_report.ToMarkdown()).Should().Be((s_page.ToHtml(), s_page.ToMarkdown()));
        FluentActions.Invoking(() => EvaluationPage.From(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_report_without_images_and_with_one_defense_has_no_section_for_them()
    {
        s_page.Sections.Select(section => section.Title).Should().Contain(["All defenses together", "What an attacked image looks like"]);
        var small = EvaluationPage.From(s_report with { Examples = [], Timing = null, Defenses = [s_report.Defenses[0]] });
        small.Sections.Select(section => section.Title).Should().HaveCount(6).And.NotContain(["All defenses together", "What an attacked image looks like"]);
    }

    [Fact]
    public void The_confidence_of_the_ranges_is_that_of_the_report()
    {
        var report = s_report with { Settings = s_report.Settings with { Confidence = 0.9 } };
        report.ToHtml().Should().Contain("(90\u202F% confidence)").And.NotContain("(95\u202F% confidence)");
    }

    [Fact]
    public void Times_of_every_attack_are_for_the_screen_and_the_whole_time_is_for_paper_too()
    {
        var section = s_page.Sections.Single(section => section.Title == "How it was measured");
        section.Details!.Single(details => details.Title.StartsWith("Times", StringComparison.Ordinal)).IsScreenOnly.Should().BeTrue();
        section.Method.Single(entry => entry.Name == "Time").Value.Should().Contain(" of work; ").And.Contain(s_report.Timing!.Machine);
    }

    [Fact]
    public void A_defense_keeps_its_color_and_its_mark_in_all_tables_and_figures()
    {
        var figures = s_page.Sections.SelectMany(section => section.Figures).ToList();
        for (var number = 0; number < s_report.Defenses.Count; number++)
        {
            var name = s_report.Defenses[number].Name;
            s_page.Sections.SelectMany(section => section.All).SelectMany(section => section.Tables).SelectMany(table => table.Rows)
                .Where(row => row.Name == name)
                .Should().OnlyContain(row => row.Color == number);
            figures.OfType<ScatterFigure>().SelectMany(figure => figure.Series).Where(series => series.Name == name && series.Color != number).Should()
                .BeEmpty();
            figures.OfType<CurveFigure>().First(figure => !figure.IsSmall).Series[number].Name.Should().Be(name, "its place is its color");
            figures.OfType<CurveFigure>().Where(figure => figure.IsSmall).ElementAt(number).Series[^1].Should()
                .Match<FigureSeries>(series => series.Name == name && series.Color == number);
        }
    }
}
