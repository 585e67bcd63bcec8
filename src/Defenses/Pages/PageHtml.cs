namespace Defenses.Pages;

/// <summary>Writes a page as HTML.</summary>
internal sealed class PageHtml(Page page)
{
    internal string Write()
    {
        var opening = page.Opening is { } section ? Section(section, " id=\"opening\"") : "";
        var first = Header() + Contents() + opening + HtmlShell.Findings(page.Findings);
        var rest = string.Concat(PageReading.Of(page).Select(Note)) + string.Concat(page.Sections.Select((each, i) => Section(each, $" id=\"s{i + 1}\"")))
            + Method();
        return HtmlShell.Write(page.Eyebrow, first + Terms(first + rest) + rest);
    }

    private string Header() =>
        $"""
        <header><p class="eyebrow">{Text(page.Eyebrow)}</p><h1>{Text(page.Title)}</h1>
        {(page.SafeToSay is { } safe ? $"<p class=\"safe\"><b>Safe to say.</b> {Text(safe)}</p>" : "")}
        {string.Concat(page.Lead.Select(sentence => $"<p class=\"lead\">{Text(sentence)}</p>"))}
        {(page.Tiles.Count == 0 ? "" : $"<dl class=\"tiles\">{string.Concat(page.Tiles.Select(Tile))}</dl>")}
        {Origin()}</header>
        """;

    private string Origin()
    {
        var files = page.Files is { Count: > 0 } addresses
            ? $"<dt>Numbers</dt><dd>{string.Join(", ", addresses.Select(file => $"<a href=\"{Text(file)}\">{Text(file)}</a>"))}</dd>" : "";
        var made = string.Concat((page.Origin ?? []).Select(Entry)) + files;
        return made.Length == 0 ? "" : $"<dl class=\"method origin\">{made}</dl>";
    }

    private static string Tile(PageEntry tile) =>
        $"<div><dt>{Text(tile.Name)}</dt><dd>{Text(tile.Value)}</dd><dd class=\"quiet\">{Text(tile.Note)}</dd></div>";

    private string Contents()
    {
        if (page.Sections.Count < 4) return "";
        IEnumerable<(string Id, string Title)> places =
        [
            .. page.Opening is { } opening ? [("opening", opening.Title)] : Array.Empty<(string, string)>(),
            .. page.Findings.Count > 0 ? [("care", "Read with care")] : Array.Empty<(string, string)>(),
            .. page.Sections.Select((section, number) => ($"s{number + 1}", section.Title)),
            .. page.Method.Count > 0 ? [("method", "How it was measured")] : Array.Empty<(string, string)>(),
        ];
        var items = string.Concat(places.Select(place => $"<li><a href=\"#{place.Id}\">{Text(place.Title)}</a></li>"));
        return $"<nav class=\"contents\" aria-label=\"Contents\"><ol>{items}</ol></nav>";
    }

    // Folded on a screen, open on paper.
    private string Terms(string body) => Glossary.Of(body, page.Terms) is not { Count: > 0 } terms ? "" :
        $"<details class=\"glossary\"><summary>Terms and abbreviations on this page</summary>{Entries(terms)}</details>";

    private static string Section(PageSection section, string id) =>
        $"<section{id}{(section.IsScreenOnly ? " class=\"screen\"" : "")}><h2>{Text(section.Title)}</h2>{Content(section)}</section>";

    private static string Content(PageSection section)
    {
        var text = string.Concat(section.Text.Select(paragraph => $"<p>{Text(paragraph)}</p>"));
        var details = string.Concat((section.Details ?? []).Select(Folded));
        return text + string.Concat(section.Tables.Select(HtmlTable.Write)) + Figures(section.Figures) + Images(section.Images ?? []) + Entries(section.Method)
            + details + More(section.Link);
    }

    private static string Folded(PageSection section) =>
        $"<details{(section.IsScreenOnly ? " class=\"screen\"" : "")}><summary>{Text(section.Title)}</summary>{Content(section)}</details>";

    private static string More(string? link) => link is null ? "" : $"<p><a href=\"{Text(link)}\">More: {Text(link)}</a></p>";

    // Maps have the whole width; plots stand in pairs, small ones in threes.
    private static string Figures(IReadOnlyList<Figure> figures)
    {
        var plots = figures.Where(figure => figure is not HeatMapFigure).ToLookup(figure => figure.IsSmall);
        return Grid("pair plots", plots[false].Select(figure => $"<div>{Drawn(figure, "h3")}</div>"))
            + Grid("panels", plots[true].Select(figure => $"<div>{Drawn(figure, "h4")}</div>"))
            + string.Concat(figures.OfType<HeatMapFigure>().Select(figure => Drawn(figure, "h3")));
    }

    private static string Drawn(Figure figure, string heading) =>
        $"<{heading}>{Text(figure.Title)}</{heading}>{Note(figure.Note)}{Note(PageReading.Of(figure))}{figure.Draw()}";

    private static string Images(IReadOnlyList<PageImages> strips) => Grid("pictures", strips.Select(strip =>
        $"<figure class=\"strip\"><h4>{Text(strip.Title)}</h4><div>{string.Concat(strip.Images.Select(Image))}</div>" +
        $"<figcaption>{Text(strip.Caption)} <span class=\"quiet\">{Text(strip.Note)}</span></figcaption></figure>"));

    private static string Image(PageImage image) =>
        $"<span class=\"picture\"><img src=\"{Png.DataUri(image.Pixels, image.Channels, image.Height, image.Width)}\" " +
        $"width=\"{image.Width}\" height=\"{image.Height}\" alt=\"{Text(image.Description)}\"><small>{Text(image.Name)}</small></span>";

    private static string Grid(string style, IEnumerable<string> parts) => string.Concat(parts) is { Length: > 0 } all
        ? $"<div class=\"{style}\">{all}</div>" : "";

    private string Method() => page.Method.Count == 0 ? "" : $"<section id=\"method\"><h2>How it was measured</h2>{Entries(page.Method)}</section>";

    private static string Entries(IReadOnlyList<PageEntry> entries) => entries.Count == 0 ? ""
        : $"<dl class=\"method{(entries.Any(entry => entry.Badge is not null) ? " verdicts" : "")}\">{string.Concat(entries.Select(Entry))}</dl>";

    private static string Entry(PageEntry entry)
    {
        var badge = entry.Badge is { } verdict ? HtmlShell.Badge(verdict) + " " : "";
        return $"<dt>{Text(entry.Name)}</dt><dd>{badge}{Text(entry.Value)}{(entry.Note.Length > 0 ? $" <small>{Text(entry.Note)}</small>" : "")}</dd>";
    }

    private static string Note(string? note) => note is null ? "" : $"<p class=\"quiet\">{Text(note)}</p>";

    private static string Text(string text) => Escaped.Html(text);
}
