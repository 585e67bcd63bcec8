using System.Text.RegularExpressions;

namespace Defenses.Pages;

/// <summary>Plain text made safe for where it is written.</summary>
internal static partial class Escaped
{
    /// <summary>Text that can stand in HTML, also inside quotes.</summary>
    /// <remarks>A percent sign does not leave its number at the end of a line.</remarks>
    internal static string Html(string text) =>
        BeforePercent().Replace(text, "\u202F").Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>Text that can stand in Markdown, also in a table.</summary>
    internal static string Markdown(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");

    [GeneratedRegex(@"(?<=\d) (?=%)", RegexOptions.CultureInvariant)]
    private static partial Regex BeforePercent();
}
