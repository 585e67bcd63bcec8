namespace Defenses.Pages;

/// <summary>Findings that differ only in the defense, as one; the most severe first.</summary>
internal static class FindingGroups
{
    internal static IEnumerable<(Finding Finding, IReadOnlyList<string> Defenses)> Of(IEnumerable<Finding> findings) =>
        from finding in findings
        group finding.Defense by finding with { Defense = null } into same
        orderby same.Key.Severity descending
        select (same.Key, (IReadOnlyList<string>)[.. same.OfType<string>()]);

    /// <summary>The meaning of the severities that occur.</summary>
    internal static string Meaning(IReadOnlyList<Finding> findings) =>
        string.Join(" ", findings.Select(finding => finding.Severity).Distinct().OrderDescending().Select(severity => severity switch
        {
            Severity.Invalid => "Invalid: do not use these numbers.",
            Severity.Warning => "Warning: a number or a claim here is weaker than it looks.",
            _ => "Note: good to know, nothing is wrong.",
        }));
}
