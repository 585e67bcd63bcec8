using Defenses.Evaluation;
using Defenses.Tests.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

/// <summary>What the report of an evaluation and a page of a protocol say, kept word by word. <see cref="GoldenFile"/> says how a change is accepted.</summary>
public sealed class GoldenTests
{
    [Fact]
    public void A_report_is_written_as_its_golden_files()
    {
        var report = GoldenReport.Make();
        GoldenFile.Check("report.json", GoldenFile.Json(report.ToJson()));
        GoldenFile.Check("report.csv", GoldenFile.Json(report.ToCsv()));
        GoldenFile.Check("report.md", report.ToMarkdown());
        GoldenFile.Check("report.html", GoldenFile.Html(report.ToHtml()));
    }

    [Fact]
    public void A_report_that_is_read_back_is_written_as_its_golden_files()
    {
        var report = EvaluationReport.FromJson(GoldenReport.Make().ToJson());
        GoldenFile.Json(report.ToJson()).Should().Be(GoldenFile.Json(GoldenReport.Make().ToJson()));
        (report.ToMarkdown(), report.ToHtml()).Should().Be((GoldenReport.Make().ToMarkdown(), GoldenReport.Make().ToHtml()));
    }

    [Fact]
    public void A_page_of_a_protocol_is_written_as_its_golden_files()
    {
        var page = SamplePage.Make();
        GoldenFile.Check("page.json", GoldenFile.Json(Defenses.Papers.Json.Text(page)));
        GoldenFile.Check("page.md", page.ToMarkdown());
        GoldenFile.Check("page.html", GoldenFile.Html(page.ToHtml()));
    }

    [Theory]
    [InlineData("a\nb\nc", "a\nb\nc", "")]
    [InlineData("a\nb\nc", "a\nx\ny", "line 2 was\n  b\nand is\n  x")]
    [InlineData("a\n", "a\nb\n", "line 2 was\n  \nand is\n  b")]
    [InlineData("a\nb", "a", "line 2 was\n  b\nand is\n  (no line)")]
    public void The_first_line_that_differs_is_named(string golden, string text, string difference) => GoldenFile.Difference(golden, text).Should()
        .Be(difference);

    [Fact]
    public void A_page_is_split_into_lines_and_long_numbers_are_cut()
    {
        GoldenFile.Html("<ul><li>a <b>b</b></li></ul>").Should().Be("\n<ul>\n<li>a <b>b</b></li></ul>");
        GoldenFile.Json("{ \"a\": 0.12345678901234567, \"b\": [0.5, -1.2345678901234567E-05\n] }").Should()
            .Be("{ \"a\": 0.123456789012, \"b\": [0.5, -1.23456789012E-05\n] }");
    }
}
