using System.Globalization;
using Spectre.Console;

namespace Defenses.Benchmarks.Measuring;

/// <summary>A table of measurements, for the terminal and as Markdown.</summary>
/// <param name="Name">The command that made it; also names its section of a results page.</param>
/// <param name="Title">What the ratios are.</param>
/// <param name="Unit">Heading of the ratio's column.</param>
/// <param name="Rows">The measurements.</param>
/// <param name="Rounds">How many rounds the medians are over.</param>
internal sealed record Report(string Name, string Title, string Unit, IReadOnlyList<Measurement> Rows, int Rounds)
{
    private string[] Headings => ["", Unit, $"range of {Rounds} rounds", "bar", ""];

    public void Print(IAnsiConsole console)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(Title));
        foreach (var heading in Headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)) { Alignment = heading == "" ? Justify.Left : Justify.Right });
        }

        foreach (var row in Rows)
        {
            var colour = row.Bar is null ? "default" : row.MissesBar ? "red" : "green";
            table.AddRow(Cells(row).Select((text, column) => column == 1 ? $"[{colour}]{Markup.Escape(text)}[/]" : Markup.Escape(text)).ToArray());
        }

        console.Write(table);
    }

    public string Markdown() => string.Join('\n',
        [$"### {Title}", "", Machine.Describe(), "", Line(Headings), "| --- | ---: | ---: | ---: | --- |", .. Rows.Select(row => Line(Cells(row))), ""]);

    private static string[] Cells(Measurement row) =>
        [row.Name, Number(row.Median), $"{Number(row.Lowest)} to {Number(row.Highest)}", row.Bar is { } bar ? $"≤ {Number(bar)}" : "", row.Note];

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    // Three significant digits, without exponents: 0.0512, 1.02, 31.4, 1304.
    private static string Number(double value)
    {
        var decimals = value <= 0 ? 2 : Math.Clamp(2 - (int)Math.Floor(Math.Log10(value)), 0, 6);
        return value.ToString("F" + decimals, CultureInfo.InvariantCulture);
    }
}
