namespace Defenses.Pages;

/// <summary>Plain text made safe for where it is written.</summary>
internal static class Escaped
{
    /// <summary>Text that can stand in HTML, also inside quotes.</summary>
    internal static string Html(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>Text that can stand in Markdown, also in a table.</summary>
    internal static string Markdown(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
