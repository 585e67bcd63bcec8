using Defenses.Pages;

namespace Defenses.Tests.Pages;

/// <summary>Tables that a reader can sort, and rows that lead to other pages.</summary>
public sealed class SortableTableTests
{
    [Fact]
    public void Only_a_sortable_table_has_a_script_and_numbers_to_sort_by()
    {
        var plain = Html(Table());
        plain.Should().NotContain("<script").And.NotContain("data-sort");
        var sortable = Html(Table() with { IsSortable = true });
        sortable.Should().Contain("</div><script>").And.Contain("data-sort=\"0.125\"");
        sortable.Split("data-sort").Should().HaveCount(2, "text is sorted as text");
        sortable.Should().NotContain("createElement('button')", "paper repeats the head on each page, but without buttons").And.Contain("'role','button'");
    }

    [Fact]
    public void A_row_leads_to_its_page_in_html_and_markdown()
    {
        var page = new Page { Eyebrow = "e", Title = "t", Sections = [new PageSection("s") { Tables = [Table()] }] };
        page.ToHtml().Should().Contain("<a href=\"entries/a.html\">a &amp; b</a>");
        page.ToMarkdown().Should().Contain("[a & b](entries/a.html)");
    }

    [Theory]
    [InlineData("https://example.org/a")]
    [InlineData("/a.html")]
    [InlineData("javascript:alert(1)")]
    public void A_row_leads_nowhere_else(string link) =>
        FluentActions.Invoking(() => new PageRow("a", []) { Link = link }).Should().Throw<ArgumentException>().WithMessage("*relative*");

    private static string Html(PageTable table) => new Page { Eyebrow = "e", Title = "t", Sections = [new PageSection("s") { Tables = [table] }] }.ToHtml();

    private static PageTable Table() => new("", "name", ["rate", "words"],
        [new PageRow("a & b", [PageCell.Of(0.125), PageCell.Of("words")]) { Link = "entries/a.html" }]);
}
