using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A table whose cells are tinted by their values: crafted on (rows) × tested on (columns).</summary>
public sealed record HeatMapFigure : Figure
{
    /// <summary>A heat map.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="rows">The names of the rows.</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="values">The values by row and column; null where there is none.</param>
    /// <exception cref="ArgumentException">The values are not as many as rows times columns.</exception>
    [JsonConstructor]
    public HeatMapFigure(string title, IReadOnlyList<string> rows, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<double?>> values) : base(title)
    {
        (Rows, Columns, Values) = (Require.NotNull(rows, nameof(rows)), Require.NotNull(columns, nameof(columns)), Require.NotNull(values, nameof(values)));
        if (values.Count != rows.Count || values.Any(row => row.Count != columns.Count))
            throw new ArgumentException($"values must have {rows.Count} rows of {columns.Count}, as many as there are names.", nameof(values));
    }

    /// <summary>The names of the rows.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>The names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The values by row and column.</summary>
    public IReadOnlyList<IReadOnlyList<double?>> Values { get; }

    /// <summary>What the rows are; nothing by default.</summary>
    public string RowTitle { get; init; } = "";

    /// <summary>What the columns are; nothing by default.</summary>
    public string ColumnTitle { get; init; } = "";

    /// <summary>How the values are written; as percentages by default.</summary>
    public NumberUnit Unit { get; init; } = NumberUnit.Percent;

    internal override string Draw()
    {
        var (low, high) = Range();
        var head = $"<th class=\"who\" scope=\"col\">{Escaped.Html(RowTitle)}</th>{string.Concat(Columns.Select(name => $"<th scope=\"col\">{Escaped.Html(name)}</th>"))}";
        var over = ColumnTitle.Length == 0 ? "" : $"<tr><td></td><th scope=\"colgroup\" colspan=\"{Columns.Count}\">{Escaped.Html(ColumnTitle)}</th></tr>";
        var body = Rows.Select((name, row) => $"<tr><th class=\"who\" scope=\"row\">{Escaped.Html(name)}</th>{string.Concat(Values[row].Select(value => Cell(value, low, high)))}</tr>");
        return $"{HtmlShell.Scroll($"<table class=\"matrix heat\"><thead>{over}<tr>{head}</tr></thead><tbody>{string.Concat(body)}</tbody></table>", Title)}{(high > low ? $"<p class=\"quiet\">The darker, the higher: from {NumberFormat.Number(low, Unit)} to {NumberFormat.Number(high, Unit)}.</p>" : "")}";
    }

    private string Cell(double? value, double low, double high) => value is not { } number || double.IsNaN(number)
        ? $"<td>{NumberFormat.None}</td>"
        : $"<td class=\"tint\" style=\"--share:{SvgChart.F(high > low ? 100 * (number - low) / (high - low) : 0)}%\"><b>{NumberFormat.Number(number, Unit)}</b></td>";

    // Tinted from the smallest to the largest: the ends are told below.
    private (double Low, double High) Range()
    {
        var numbers = Values.SelectMany(row => row).OfType<double>().Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        return (numbers.Min(), numbers.Max());
    }
}
