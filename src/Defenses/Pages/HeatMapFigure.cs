using System.Text.Json.Serialization;

namespace Defenses.Pages;

/// <summary>A table whose cells are tinted by their values: crafted on (rows) × tested on (columns).</summary>
public sealed record HeatMapFigure : Figure
{
    /// <summary>A heat map.</summary>
    /// <param name="title">The title.</param>
    /// <param name="rows">The names of the rows.</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="values">The values by row and column; null where there is none.</param>
    /// <exception cref="ArgumentException">The number of values is not rows times columns.</exception>
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

    /// <summary>The title of the rows; empty by default.</summary>
    public string RowTitle { get; init; } = "";

    /// <summary>The title of the columns; empty by default.</summary>
    public string ColumnTitle { get; init; } = "";

    /// <summary>The format of the values; percentages by default.</summary>
    public NumberUnit Unit { get; init; } = NumberUnit.Percent;

    internal override string Draw()
    {
        var (low, high) = Range();
        var names = string.Concat(Columns.Select(name => $"<th scope=\"col\">{Escaped.Html(name)}</th>"));
        var over = ColumnTitle.Length == 0 ? "" : $"<tr><td></td><th scope=\"colgroup\" colspan=\"{Columns.Count}\">{Escaped.Html(ColumnTitle)}</th></tr>";
        var head = $"<thead>{over}<tr><th class=\"who\" scope=\"col\">{Escaped.Html(RowTitle)}</th>{names}</tr></thead>";
        var rows = string.Concat(Rows.Select((name, row) => Row(name, Values[row], low, high)));
        var ends = $"from {NumberFormat.Number(low, Unit)} to {NumberFormat.Number(high, Unit)}";
        var tints = high > low ? $"<p class=\"quiet\">The darker, the higher: {ends}.</p>" : "";
        return HtmlShell.Scroll($"<table class=\"compact heat\">{head}<tbody>{rows}</tbody></table>", Title) + tints;
    }

    private string Row(string name, IReadOnlyList<double?> values, double low, double high) =>
        $"<tr><th class=\"who\" scope=\"row\">{Escaped.Html(name)}</th>{string.Concat(values.Select(value => Cell(value, low, high)))}</tr>";

    private string Cell(double? value, double low, double high)
    {
        if (value is not { } number || double.IsNaN(number)) return $"<td>{NumberFormat.None}</td>";
        var share = high > low ? 100 * (number - low) / (high - low) : 0;
        return $"<td class=\"tint\" style=\"--share:{SvgChart.F(share)}%\"><b>{NumberFormat.Number(number, Unit)}</b></td>";
    }

    // Tinted from the smallest to the largest value; both are stated below the table.
    private (double Low, double High) Range()
    {
        var numbers = Values.SelectMany(row => row).OfType<double>().Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        return (numbers.Min(), numbers.Max());
    }
}
