using Defenses.Evaluation;

namespace Defenses.Tests.Evaluation;

/// <summary>The static site of records.</summary>
public sealed class LeaderboardTests
{
    [Fact]
    public void The_site_has_a_row_and_a_page_for_each_record_and_links_that_lead_somewhere()
    {
        using var grid = new RecordedGrid();
        using var site = new TemporaryFolder();
        var records = Records(grid);
        Leaderboard.Write(records, site.Path);
        var index = File.ReadAllText(Path.Combine(site.Path, "index.html"));
        foreach (var link in new[] { "entries/none-levels.html", "entries/jitter-levels.html" })
        {
            index.Should().Contain($"<a href=\"{link}\">");
            var page = File.ReadAllText(Path.Combine(site.Path, link));
            page.Should().Contain("href=\"../index.html\"").And.Contain("null attack").And.Contain("defenses verify");
            EvaluationRecord.FromJson(File.ReadAllText(Path.Combine(site.Path, Path.ChangeExtension(link, ".json")))).Name.Should()
                .Be(link.Contains("none") ? "none" : "jitter");
        }
        index.Should().Contain("costs nothing within the interval in 2 of 2");
        File.ReadAllText(Path.Combine(site.Path, "index.md")).Should().Contain("[jitter](entries/jitter-levels.html)");
    }

    [Fact]
    public void The_table_is_ordered_without_scripts_and_says_by_what_scripts_sort()
    {
        using var grid = new RecordedGrid();
        var page = Leaderboard.PageOf(Records(grid));
        var table = page.Sections[0].Tables.Single();
        table.Rows.Select(row => row.Cells[0].Value).Should().BeInDescendingOrder();
        var html = page.ToHtml();
        html.Should().Contain($"data-sort=\"{System.FormattableString.Invariant($"{table.Rows[0].Cells[0].Value:R}")}\"").And.Contain("<script>");
        html.Replace("<script>", "").Should().NotContain("src=", "the page is self-contained");
    }

    [Fact]
    public void Records_of_other_budgets_or_images_have_tables_of_their_own()
    {
        using var grid = new RecordedGrid();
        var records = Records(grid);
        Leaderboard.PageOf(records).Sections.Select(section => section.Title).Should().Equal("levels, L∞, ε = 0.22", "levels, L∞, ε = 0.06");
        Leaderboard.PageOf([.. records, records[0] with { Images = "others" }]).Sections.Should().HaveCount(4);
    }

    [Fact]
    public void What_was_judged_again_is_said()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record => record["clean"]!["correct"] = "0 0 0 0 0 0 0 0 0");
        var records = Records(grid);
        var verifications = records.ToDictionary(record => record.Id!, record => record.Verify(grid.ModelOf(record.Folder!), seed: 1));
        var html = Leaderboard.PageOf(records, verifications).ToHtml();
        html.Should().Contain("1 of 2 are reproduced").And.Contain(">reproduced<").And.Contain(">not reproduced<");
        var entry = RecordPage.From(records[0], verifications[records[0].Id!]).ToHtml();
        entry.Should().Contain("is not reproduced: ");
        entry[entry.IndexOf("<body>", StringComparison.Ordinal)..].Should().NotContain("{", "options stand in words")
            .And.Contain("11 decision draws, loss cross-entropy").And.Contain("<details class=\"screen\"><summary>Its ");
    }

    [Fact]
    public void The_null_attack_costs_nothing_on_a_coin_and_nothing_makes_it_cost()
    {
        using var grid = new RecordedGrid(draws: 40);
        foreach (var record in Records(grid)) RecordPage.CostsNothing(record).Should().BeTrue();
        RecordedGrid.Forge(grid.Jitter, record => record["null"]!["correct"] = "0 0 0 0 0 0 0 0 0");
        Leaderboard.PageOf(Records(grid)).Lead.Should().Contain(line => line.Contains("in 1 of 2"));
    }

    [Fact]
    public void No_records_are_refused() =>
        FluentActions.Invoking(() => Leaderboard.PageOf([])).Should().Throw<ArgumentException>().WithMessage("*records*");

    private static EvaluationRecord[] Records(RecordedGrid grid) => [.. EvaluationRecord.FoldersIn(grid.Folder).Select(EvaluationRecord.Open)];
}
