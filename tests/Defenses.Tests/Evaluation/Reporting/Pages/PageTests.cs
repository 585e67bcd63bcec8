using System.Text.RegularExpressions;
using Defenses.Evaluation.Reporting.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Evaluation.Reporting.Pages;

public sealed partial class PageTests
{
    private static readonly string s_html = SamplePage.Make().ToHtml();
    private static readonly string s_markdown = SamplePage.Make().ToMarkdown();

    [Fact]
    public void A_number_stands_with_its_interval_beside_the_papers_number_and_the_reason_for_the_difference()
    {
        foreach (var text in new[] { s_html, s_markdown })
            text.Should().Contain("98.70\u202F%").And.Contain("[97.79, 99.31]").And.Contain("paper 99.04\u202F%").And.Contain("Why it differs").And.Contain("Fewer epochs.")
                .And.Contain("0.0343").And.Contain("paper 0.114").And.Contain("+3.1").And.Contain("[+1.0, +5.2]").And.Contain("paper 0.5");
    }

    [Fact]
    public void Every_part_of_the_page_is_in_both_forms()
    {
        foreach (var text in new[] { s_html, s_markdown })
            foreach (var part in new[] { "Protocol dropout 0.3", "holds less", "A sentence", "1 000", "A reason.", "Accuracy of dropout", "Words about", "How to read", "Table A2", "A note about", "ROC", "crafted on", "PGD on", "small steps" })
                text.Should().Contain(part);
    }

    [Fact]
    public void The_page_needs_nothing_but_itself() =>
        s_html.Should().NotContain("<script").And.NotContain("http").And.NotContain("url(").And.NotContain("<link").And.Contain("prefers-color-scheme:dark").And.Contain("@media print");

    [Fact]
    public void Every_tag_is_closed_in_its_place()
    {
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(s_html))
        {
            var name = tag.Groups["name"].Value;
            if (name is "meta" or "!DOCTYPE" || tag.Value.EndsWith("/>", StringComparison.Ordinal)) continue;
            if (tag.Groups["close"].Length == 0) open.Push(name);
            else open.Pop().Should().Be(name, "before character {0}", tag.Index);
        }
        open.Should().BeEmpty();
    }

    [Fact]
    public void Words_cannot_break_out_of_the_page_or_of_a_table()
    {
        var page = SamplePage.Make("<script>alert(1)</script> & \"x\" | y");
        page.ToHtml().Should().NotContain("<script").And.NotContain("\"x\"").And.Contain("&lt;script&gt;");
        page.ToMarkdown().Should().NotContain("<script");
        foreach (var table in page.ToMarkdown().Split("\n\n").Where(part => part.StartsWith('|')))
            table.Trim().Split('\n').Select(line => Regex.Count(line, @"(?<!\\)\|")).Distinct().Should().ContainSingle("each row has as many cells as the head");
    }

    [Fact]
    public void A_page_without_anything_optional_is_written_too()
    {
        var page = new Page { Eyebrow = "a", Title = "b" };
        page.ToHtml().Should().Contain("<h1>b</h1>").And.NotContain("Read with care").And.NotContain("How it was measured");
        page.ToMarkdown().Should().Be("# a\n\n**b**\n");
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(1e-6, 1e6)]
    [InlineData(double.NaN, 3)]
    public void Points_stand_inside_the_frame_whatever_they_are(double low, double high)
    {
        var figure = new CurveFigure("any", new FigureAxis("x") { IsLogarithmic = true }, new FigureAxis("y"), [new("s", [new(1, low), new(100, high)])]);
        var places = Regex.Matches(figure.Draw(), "c[xy]=\"(-?[\\d.]+|NaN)\"").Select(match => match.Groups[1].Value).Where(text => text != "NaN").Select(double.Parse).ToArray();
        places.Should().NotBeEmpty().And.OnlyContain(place => place >= 0 && place <= 460);
    }

    [Fact]
    public void A_point_stands_higher_the_larger_it_is_and_on_a_logarithmic_axis_equal_factors_are_equal_steps()
    {
        var figure = new CurveFigure("any", new FigureAxis("x") { IsLogarithmic = true }, new FigureAxis("y"), [new("s", [new(1, 1), new(10, 2), new(100, 3)])]);
        var dots = Regex.Matches(figure.Draw(), "cx=\"([\\d.]+)\" cy=\"([\\d.]+)\" r=\"3.6\"").Select(dot => (X: double.Parse(dot.Groups[1].Value), Y: double.Parse(dot.Groups[2].Value))).ToArray();
        (dots[1].X - dots[0].X).Should().BeApproximately(dots[2].X - dots[1].X, 0.02);
        dots.Select(dot => dot.Y).Should().BeInDescendingOrder();
    }

    [Theory]
    [InlineData(0.98, "0.980")]
    [InlineData(0.03434, "0.0343")]
    [InlineData(-0.5, "\u22120.500")]
    [InlineData(1, "1.00")]
    [InlineData(0, "0.00")]
    [InlineData(123.4, "123")]
    [InlineData(double.NaN, "–")]
    public void Numbers_have_three_significant_digits(double value, string text) => PageCell.Of(value).ValueText.Should().Be(text);

    [Fact]
    public void A_table_or_map_whose_cells_do_not_fit_its_names_is_refused()
    {
        FluentActions.Invoking(() => new PageTable("t", "r", ["a", "b"], [new PageRow("row", [PageCell.Of("x")])])).Should().Throw<ArgumentException>().WithMessage("*'row' has 1*");
        FluentActions.Invoking(() => new HeatMapFigure("t", ["a"], ["b"], [[1, 2]])).Should().Throw<ArgumentException>().WithMessage("*1 rows of 1*");
        FluentActions.Invoking(() => new PageCell { Digits = 5 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new FigureSeries("s", []) { Colour = 8 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => FigurePoint.At(1, (Estimate)null!)).Should().Throw<ArgumentNullException>();
    }

    [GeneratedRegex("<(?<close>/?)(?<name>[!a-zA-Z][a-zA-Z0-9]*)[^>]*>")]
    private static partial Regex Tag();
}
