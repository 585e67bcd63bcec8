using System.Text.RegularExpressions;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Pages;

public sealed partial class PageTests
{
    private static readonly string s_html = SamplePage.Make().ToHtml();
    private static readonly string s_markdown = SamplePage.Make().ToMarkdown();

    [Fact]
    public void A_number_stands_with_its_interval_beside_the_papers_number_and_the_reason_for_the_difference()
    {
        foreach (var text in new[] { s_html, s_markdown })
            text.Should().Contain("98.70\u202F%").And.Contain("[97.79, 99.31]").And.Contain("paper 99.04\u202F%").And.Contain("Why it differs")
                .And.Contain("Fewer epochs.")
                .And.Contain("0.0343").And.Contain("paper 0.114").And.Contain("+3.1").And.Contain("[+1.0, +5.2]").And.Contain("paper 0.5");
    }

    [Fact]
    public void Every_part_of_the_page_is_in_both_forms()
    {
        foreach (var text in new[] { s_html, s_markdown })
            foreach (var part in new[] { "Protocol dropout 0.3", "holds less", "A sentence", "1 000", "A reason.", "Accuracy of dropout", "Words about",
                "How to read", "Table A2", "A note about", "ROC", "crafted on", "PGD on", "small steps", "First of all", "invalid numbers", "colander",
                "suspicious numbers", "as plain", "What to see.", "Folded", "Inside.", "Below." })
                text.Should().Contain(part);
    }

    [Fact]
    public void The_page_needs_nothing_but_itself() =>
        s_html.Should().NotContain("<script").And.NotContain("http").And.NotContain("url(").And.NotContain("<link")
            .And.Contain("prefers-color-scheme:dark").And.Contain("@media print");

    [Fact]
    public void Every_tag_is_closed_in_its_place()
    {
        var open = new Stack<string>();
        foreach (Match tag in Tag().Matches(s_html))
        {
            var name = tag.Groups["name"].Value;
            if (name is "meta" or "img" or "!DOCTYPE" || tag.Value.EndsWith("/>", StringComparison.Ordinal)) continue;
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
            table.Trim().Split('\n').Select(line => Regex.Count(line, @"(?<!\\)\|")).Distinct().Should()
                .ContainSingle("each row has as many cells as the head");
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
        var places = Regex.Matches(figure.Draw(), "c[xy]=\"(-?[\\d.]+|NaN)\"").Select(match => match.Groups[1].Value).Where(text => text != "NaN")
            .Select(double.Parse).ToArray();
        places.Should().NotBeEmpty().And.OnlyContain(place => place >= 0 && place <= 460);
    }

    [Fact]
    public void A_point_stands_higher_the_larger_it_is_and_on_a_logarithmic_axis_equal_factors_are_equal_steps()
    {
        var figure = new CurveFigure(
            "any", new FigureAxis("x") { IsLogarithmic = true }, new FigureAxis("y"), [new("s", [new(1, 1), new(10, 2), new(100, 3)])]);
        var dots = Regex.Matches(figure.Draw(), "cx=\"([\\d.]+)\" cy=\"([\\d.]+)\" r=\"3.6\"")
            .Select(dot => (X: double.Parse(dot.Groups[1].Value), Y: double.Parse(dot.Groups[2].Value))).ToArray();
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
        FluentActions.Invoking(() => new PageTable("t", "r", ["a", "b"], [new PageRow("row", [PageCell.Of("x")])])).Should().Throw<ArgumentException>()
            .WithMessage("*'row' has 1*");
        FluentActions.Invoking(() => new HeatMapFigure("t", ["a"], ["b"], [[1, 2]])).Should().Throw<ArgumentException>().WithMessage("*1 rows of 1*");
        FluentActions.Invoking(() => new PageCell { Digits = 5 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new FigureSeries("s", []) { Color = 16 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => FigurePoint.At(1, (Estimate)null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_warning_with_several_reasons_stands_once_with_each_reason_below()
    {
        Finding[] findings =
        [
            new(Severity.Warning, "Wide", "60 to 90", "Take more.", "a"), new(Severity.Warning, "Wide", "50 to 90", "Take more.", "b"),
            new(Severity.Warning, "Wide", "50 to 90", "Take more.", "c"), new(Severity.Note, "Wide", "x", "Take more."),
        ];
        var page = new Page { Eyebrow = "a", Title = "b", Findings = findings };
        page.ToMarkdown().Should().Contain("- **Warning: Wide** (a, b, c). Take more.\n  - a: 60 to 90\n  - b, c: 50 to 90\n- **Note: Wide**. x Take more.\n");
        page.ToHtml().Should().Contain("<summary>2 cases</summary>").And.Contain("<dt>b, c</dt><dd>50 to 90</dd>");
        Regex.Count(page.ToHtml(), "Take more").Should().Be(2);
    }

    [Fact]
    public void Files_are_addresses_relative_to_the_page()
    {
        new Page { Eyebrow = "a", Title = "b", Files = ["x/report.json"], SafeToSay = "1 < 2" }.ToHtml().Should().Contain("<a href=\"x/report.json\">")
            .And.Contain("1 &lt; 2");
        foreach (var bad in new[] { "/report.json", "https://example.org/report.json", "javascript:x" })
            FluentActions.Invoking(() => new Page { Eyebrow = "a", Title = "b", Files = [bad] }).Should().Throw<ArgumentException>().WithMessage($"*{bad}*");
    }

    [Fact]
    public void A_finding_says_its_weight_in_words_and_what_the_weight_means()
    {
        s_html.Should().Contain(">Warning:</span>").And.Contain("weaker than it looks").And.NotContain("do not use these numbers");
        s_markdown.Should().Contain("**Warning: ").And.Contain("weaker than it looks");
    }

    [Fact]
    public void Series_differ_in_shape_and_not_only_in_colour()
    {
        string Drawn(int number) => Regex.Replace(Markers.Draw(number, 10, 10), "class=\"[^\"]*\"", "");
        Enumerable.Range(0, 8).Select(Drawn).Should().OnlyHaveUniqueItems();
        new CurveFigure("any", new("x"), new("y"), [new("a", [new(1, 1)]), new("b", [new(1, 2)])]).Draw().Should().Contain("<circle class=\"dot s0\"")
            .And.Contain("<path class=\"dot s1\"");
        CurveFigure.Roc("roc", [new("a", [new(0, 0), new(1, 1)]), new("b", [new(0, 0), new(1, 1)])]).Draw().Should().Contain("line s1 d1")
            .And.NotContain("dot s").And.Contain("a coin");
    }

    [Theory]
    [InlineData(3, 3, 0)]
    [InlineData(4, 0, 8)]
    public void Many_intervals_are_bars_side_by_side_and_few_are_bands(int curves, int bands, int bars)
    {
        var figure = new CurveFigure(
            "any", new("x"), FigureAxis.Rate("y"),
            [.. Enumerable.Range(0, curves)
            .Select(i => new FigureSeries($"{i}", [FigurePoint.At(1, new Proportion(2, 10)), FigurePoint.At(2, new Proportion(7, 10))]))]);
        var drawn = figure.Draw();
        Regex.Count(drawn, "class=\"band").Should().Be(bands);
        Regex.Count(drawn, "class=\"whisker").Should().Be(bars);
        (PageReading.Of(figure)?.Contains("side by side") ?? false).Should().Be(bars > 0);
    }

    [Fact]
    public void A_roc_keeps_its_corners_only()
    {
        FigurePoint[] points = [new(0, 0), new(0, 0.2), new(0, 0.5), new(0.1, 0.5), new(0.3, 0.5), new(0.4, 0.9), new(1, 1)];
        CurveFigure.Roc("roc", [new("a", points)]).Series[0].Points.Should().Equal(points[0], points[2], points[4], points[5], points[6]);
    }

    [Fact]
    public void One_reason_for_all_rows_is_told_once_and_several_in_a_column()
    {
        Page With(params string?[] reasons) => new()
        {
            Eyebrow = "a", Title = "b",
            Sections = [new PageSection(
                "c") { Tables = [new("t", "r", ["n"], [.. reasons.Select((reason, i) => new PageRow($"{i}", [PageCell.Of(1, 2)]) { Why = reason })])] }],
        };
        foreach (var text in new[] { With("Fewer epochs.", null, "Fewer epochs.").ToHtml(), With("Fewer epochs.", null, "Fewer epochs.").ToMarkdown() })
            Regex.Count(text, "Fewer epochs").Should().Be(1);
        foreach (var text in new[] { With("Fewer epochs.", "Others.").ToHtml(), With("Fewer epochs.", "Others.").ToMarkdown() }) text.Should()
            .Contain("Why it differs").And.Contain("Others.");
        With(null, null).ToHtml().Should().NotContain("Why it differs");
    }

    [Fact]
    public void Words_behind_a_number_stand_apart_and_a_range_without_ends_is_told_in_words()
    {
        var cell = PageCell.Of(new Estimate(0.5, double.NegativeInfinity, double.PositiveInfinity)) with { Text = "(1 case)" };
        (cell.ValueText, cell.AsideText, cell.RangeText).Should().Be(("0.500", "(1 case)", "no bounds"));
        new PageCell { Value = 1, Range = new(0.99, 1), Unit = NumberUnit.Decimals, Digits = 3 }.RangeText.Should().Be("[0.990, 1.000]");
    }

    [Fact]
    public void A_map_tells_what_its_tints_mean()
    {
        new HeatMapFigure("t", ["a"], ["b", "c"], [[0.25, 0.75]]).Draw().Should().Contain("--share:0%").And.Contain("--share:100%")
            .And.Contain("from 25.0\u202F% to 75.0\u202F%");
        new HeatMapFigure("t", ["a"], ["b"], [[0.25]]).Draw().Should().NotContain("darker");
    }

    [Theory]
    [InlineData("PGD on the base", "PGD")]
    [InlineData("CW-PGD, EOT 10", "CW-PGD,EOT")]
    [InlineData("<td data-label=\"DES\">C&amp;W</td>", "C&W")]
    [InlineData("TRADES, ARCH, describes", "")]
    public void Words_that_a_page_uses_are_explained_and_no_others(string text, string terms) =>
        string.Join(",", Glossary.Of(text).Select(each => each.Name)).Should().Be(terms);

    [Fact]
    public void The_page_explains_its_words_and_its_brackets()
    {
        foreach (var text in new[] { s_html, s_markdown }) text.Should().Contain("Terms and abbreviations").And.Contain("every threshold of a detector")
            .And.Contain("99\u202F% confidence").And.Contain("percentage points");
        new Page { Eyebrow = "a", Title = "b" }.ToHtml().Should().NotContain("glossary\"").And.NotContain("confidence");
    }

    [Fact]
    public void Columns_of_a_group_stand_under_its_name_and_a_rate_is_tinted_by_its_size()
    {
        s_html.Should().Contain("<th scope=\"colgroup\" colspan=\"2\">PGD</th>")
            .And.Contain("<th scope=\"col\" rowspan=\"2\">worst<small>for each image</small></th>")
            .And.Contain("class=\"tint\" style=\"--share:25%\"").And.Contain("<rect class=\"mark s9 again\"").And.NotContain("--share:3.1%", "0.031 is text");
        s_markdown.Should().Contain("| Defense | worst (for each image) | PGD, plain | PGD, EOT 10 | p (McNemar) |")
            .And.Contain("dropout 0.3 (suspicious numbers) |");
    }

    [Fact]
    public void A_part_within_a_section_is_folded_and_has_a_lower_heading()
    {
        s_html.Should().Contain("<details><summary>Folded</summary><p>Inside.</p>")
            .And.Contain("<details><summary>Deeper</summary><p>Below.</p></details></details>");
        s_markdown.Should().Contain("## Three\n\n### Folded\n\nInside.").And.Contain("#### By attack").And.Contain("#### Deeper\n\nBelow.");
    }

    [Fact]
    public void A_section_for_the_screen_only_is_left_out_on_paper_and_a_percent_sign_stays_with_its_number()
    {
        var folded = new PageSection("Times") { IsScreenOnly = true };
        var page = new Page { Eyebrow = "e", Title = "t", Sections = [new PageSection("s") { Text = ["100.0 % of 50 %s"], Details = [folded] }, folded] };
        page.ToHtml().Should().Contain("<details class=\"screen\"><summary>Times").And.Contain("<section id=\"s2\" class=\"screen\">")
            .And.Contain("100.0\u202F% of 50\u202F%s");
        page.ToHtml().Split("@media print")[1].Should().Contain(".screen,.sort{display:none}");
        page.ToMarkdown().Should().Contain("### Times");
    }

    [Fact]
    public void A_column_of_text_stands_at_the_left_if_one_of_its_cells_is_long_and_numbers_never()
    {
        var long_ = "not run: the model does not draw";
        var table = new PageTable("", "check", ["result", "rate", "attack"],
        [
            new PageRow("a", [PageCell.Of("nothing found"), PageCell.Of(0.5), PageCell.Of("PGD")]),
            new PageRow("b", [PageCell.Of(long_), PageCell.Of(long_), PageCell.Of("FGSM")]),
        ]);
        var html = new Page { Eyebrow = "e", Title = "t", Sections = [new PageSection("s") { Tables = [table] }] }.ToHtml();
        html.Should().Contain("<th scope=\"col\" class=\"words\">result").And.Contain("<td class=\"words\" data-label=\"result\">nothing found")
            .And.Contain("<td data-label=\"rate\"><b>0.5").And.Contain("<td class=\"words\" data-label=\"rate\">not run")
            .And.Contain("<th scope=\"col\">rate").And.Contain("<td data-label=\"attack\">PGD");
    }

    [Fact]
    public void A_strip_of_images_says_what_each_is_to_those_who_cannot_see_it()
    {
        s_html.Should().Contain("alt=\"grey\"").And.Contain("alt=\"a red pixel\"");
        s_markdown.Should().Contain("- Of dropout 0.3 (grey, red): What to see. And a note.");
    }

    [Fact]
    public void Lines_behind_a_scatter_end_at_its_frame_whatever_their_slope()
    {
        var drawn = SamplePage.Make().Sections[1].Figures[1].Draw();
        var lines = Regex.Matches(drawn, "class=\"ray\" x1=\"([^\"]+)\" y1=\"([^\"]+)\" x2=\"([^\"]+)\" y2=\"([^\"]+)\"")
            .Select(line => line.Groups.Values.Skip(1).Select(part => double.Parse(part.Value)).ToArray()).ToArray();
        lines.Should().HaveCount(4);
        foreach (var line in lines)
        {
            new[] { line[0], line[2] }.Should().OnlyContain(x => x >= 61.9 && x <= 446.1);
            new[] { line[1], line[3] }.Should().OnlyContain(y => y >= 11.9 && y <= 280.1);
        }
        (lines[0][1] - lines[0][3]).Should().Be(0, "its slope is 0");
        (lines[2][1] > lines[2][3], lines[3][1] > lines[3][3]).Should().Be((true, false), "one goes up, one down");
        Regex.Count(drawn, "class=\"zero\"").Should().Be(2);
        new ScatterFigure("t", new("x") { IsLogarithmic = true }, new("y"), [new("s", [new(1, 1), new(100, 2)])]) { Lines = [new("none", 1, 0)] }.Draw()
            .Should().NotContain("ray");
    }

    [Fact]
    public void A_small_figure_has_its_chosen_ticks_no_legend_and_a_reference_without_marks()
    {
        var drawn = SamplePage.Make().Sections[1].Figures[0].Draw();
        Regex.Matches(drawn, "class=\"tick\"[^>]*middle\">([^<]+)<").Select(tick => tick.Groups[1].Value).Should().Equal("0", "16", "64");
        drawn.Should().NotContain("legend").And.Contain("line s0 reference").And.NotContain("dot s0").And.Contain("dot s9")
            .And.Contain("aria-label=\"Alone: dropout 0.3: accuracy against ε\"");
    }

    [Fact]
    public void A_term_that_the_page_chooses_takes_the_place_of_the_known_one()
    {
        Glossary.Of("PGD and DES", [new("DES", "mine")]).Should().HaveCount(2).And.StartWith(new PageEntry("DES", "mine"));
        FluentActions.Invoking(() => new Page { Eyebrow = "a", Title = "b", Confidence = 1.5 }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Names_above_or_below_columns_are_one_for_each_column()
    {
        FluentActions.Invoking(() => new PageTable("t", "r", ["a", "b"], []) { Groups = ["x"] }).Should().Throw<ArgumentException>()
            .WithMessage("*2 columns; it has 1*");
        FluentActions.Invoking(() => new PageTable("t", "r", ["a", "b"], []) { ColumnNotes = ["x", "y", "z"] }).Should().Throw<ArgumentException>()
            .WithMessage("*2 columns; it has 3*");
        FluentActions.Invoking(() => new PageRow("r", []) { Color = -1 }).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_page_without_the_additions_has_none_of_them_in_json_and_one_with_them_comes_back()
    {
        var plain = Defenses.Papers.Json.Text(
            new Page { Eyebrow = "a", Title = "b", Sections = [new PageSection("c") { Tables = [new("t", "r", ["n"], [new("row", [PageCell.Of("x")])])] }] });
        foreach (var name in new[] { "opening", "terms", "confidence", "images", "details", "groups", "columnNotes", "isTinted", "badge", "color",
            "hasBar" }) plain.Should().NotContain($"\"{name}\"");
        var json = Defenses.Papers.Json.Text(SamplePage.Make());
        var back = System.Text.Json.JsonSerializer.Deserialize<Page>(json, Defenses.Papers.Json.Readable)!;
        Defenses.Papers.Json.Text(back).Should().Be(json);
        back.ToHtml().Should().Be(s_html);
    }

    [GeneratedRegex("<(?<close>/?)(?<name>[!a-zA-Z][a-zA-Z0-9]*)[^>]*>")]
    private static partial Regex Tag();
}
