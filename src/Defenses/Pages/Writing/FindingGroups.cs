namespace Defenses.Pages;

/// <summary>Findings that differ in nothing but the defense, as one; the grave ones first.</summary>
internal static class FindingGroups
{
    internal static IEnumerable<(Finding Finding, IReadOnlyList<string> Defenses)> Of(IEnumerable<Finding> findings) =>
        from finding in findings
        group finding.Defense by finding with { Defense = null } into same
        orderby same.Key.Severity descending
        select (same.Key, (IReadOnlyList<string>)[.. same.OfType<string>()]);
}
