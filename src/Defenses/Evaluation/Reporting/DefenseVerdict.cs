using Defenses.Pages;

namespace Defenses.Evaluation.Reporting;

/// <summary>Whether the numbers of a defense can be believed, and if not, why.</summary>
/// <param name="Defense">The defense.</param>
/// <param name="Trust">Invalid by an invalid finding on it or on the whole report, suspicious by a warning, trustworthy otherwise; notes count for
/// nothing.</param>
/// <param name="Because">The titles of the findings that decide; empty for a trustworthy one.</param>
public sealed record DefenseVerdict(string Defense, Trustworthiness Trust, IReadOnlyList<string> Because)
{
    /// <summary>The verdict on a defense, from the findings.</summary>
    /// <param name="defense">The name of the defense.</param>
    /// <param name="findings">The findings on all defenses; findings without a defense concern all of them.</param>
    public static DefenseVerdict Of(string defense, IEnumerable<Finding> findings)
    {
        var counting = findings.Where(finding => finding.Severity != Severity.Note && (finding.Defense is null || finding.Defense == defense)).ToArray();
        var gravest = counting.Select(finding => finding.Severity).DefaultIfEmpty().Max();
        return new DefenseVerdict(
            defense, gravest switch { Severity.Invalid => Trustworthiness.Invalid, Severity.Warning => Trustworthiness.Suspicious,
            _ => Trustworthiness.Trustworthy },
            [.. counting.Where(finding => finding.Severity == gravest).Select(finding => finding.Title).Distinct()]);
    }

    /// <summary>"trustworthy", "not attacked", "suspicious because: …" or "invalid because: …".</summary>
    public override string ToString() => Because.Count == 0 ? ReportFormat.Of(Trust) : $"{ReportFormat.Of(Trust)} because: {string.Join("; ", Because)}";
}

/// <summary>Whether the numbers of a defense can be believed.</summary>
public enum Trustworthiness
{
    /// <summary>No check found a reason to doubt them.</summary>
    Trustworthy,

    /// <summary>A check found a reason to doubt them: the defense may be weaker than the numbers suggest.</summary>
    Suspicious,

    /// <summary>The numbers must not be used.</summary>
    Invalid,

    /// <summary>No check found a reason to doubt them, but no check made an attack: the accuracy under an attack is not known.</summary>
    NotAttacked,
}
