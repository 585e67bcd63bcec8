namespace Defenses.Pages;

/// <summary>Findings with one title and one action, as one: the most severe first.</summary>
/// <param name="Severity">The severity.</param>
/// <param name="Title">The title.</param>
/// <param name="Action">The recommended action.</param>
/// <param name="Cases">Each reason, with the defenses that it concerns; no defense for a reason that concerns all.</param>
internal sealed record FindingGroup(
    Severity Severity, string Title, string Action, IReadOnlyList<(string Reason, IReadOnlyList<string> Defenses)> Cases)
{
    /// <summary>The defenses of all cases, without repetition.</summary>
    internal IReadOnlyList<string> Defenses => [.. Cases.SelectMany(each => each.Defenses).Distinct()];
}

/// <summary>Findings that are told together.</summary>
internal static class FindingGroups
{
    internal static IEnumerable<FindingGroup> Of(IEnumerable<Finding> findings) =>
        from finding in findings
        group finding by (finding.Severity, finding.Title, finding.Action) into same
        orderby same.Key.Severity descending
        select new FindingGroup(same.Key.Severity, same.Key.Title, same.Key.Action,
            [.. same.GroupBy(each => each.Reason).Select(each => (each.Key, Names(each)))]);

    /// <summary>The meaning of the severities that occur.</summary>
    internal static string Meaning(IReadOnlyList<Finding> findings) =>
        string.Join(" ", findings.Select(finding => finding.Severity).Distinct().OrderDescending().Select(severity => severity switch
        {
            Severity.Invalid => "Invalid: do not use these numbers.",
            Severity.Warning => "Warning: a number or a claim here is weaker than it looks.",
            _ => "Note: good to know, nothing is wrong.",
        }));

    private static IReadOnlyList<string> Names(IEnumerable<Finding> findings) => [.. findings.Select(finding => finding.Defense).OfType<string>().Distinct()];
}
