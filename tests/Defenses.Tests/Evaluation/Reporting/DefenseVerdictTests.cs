using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class DefenseVerdictTests
{
    private static readonly Finding
        Note = new(Severity.Note, "N", "r", "a", "A"), Warning = new(Severity.Warning, "W", "r", "a", "A"), Other = new(Severity.Warning, "O", "r", "a", "A"),
        Invalid = new(Severity.Invalid, "I", "r", "a", "B"), Everywhere = new(Severity.Warning, "E", "r", "a");

    [Fact]
    public void The_gravest_finding_on_a_defense_decides_and_names_its_reason()
    {
        DefenseVerdict.Of("A", []).ToString().Should().Be("trustworthy");
        DefenseVerdict.Of("A", [Note]).Should()
            .BeEquivalentTo(new DefenseVerdict("A", Trustworthiness.Trustworthy, []), "a note takes nothing from the numbers");
        DefenseVerdict.Of("A", [Note, Warning, Other, Warning, Invalid]).ToString().Should().Be("suspicious because: W; O");
        DefenseVerdict.Of("B", [Warning, Invalid, Everywhere]).ToString().Should().Be("invalid because: I");
        DefenseVerdict.Of("C", [Warning, Invalid, Everywhere]).ToString().Should().Be("suspicious because: E");
    }

    [Fact]
    public void A_report_shows_the_verdict_of_each_defense_in_all_three_files()
    {
        var report = SampleReport.Make(40, 3, 3);
        var names = report.Defenses.Select(defense => defense.Name).ToArray();
        report = report with { Findings = [Warning with { Defense = names[1] }, Invalid with { Defense = names[2] }] };
        report.Verdicts.Select(verdict => (verdict.Defense, verdict.Trust)).Should()
            .Equal((names[0], Trustworthiness.Trustworthy), (names[1], Trustworthiness.Suspicious), (names[2], Trustworthiness.Invalid));
        report.ToMarkdown().Should().Contain($"- {names[0]}: trustworthy numbers\n- {names[1]}: suspicious numbers; W\n- {names[2]}: invalid numbers; I\n");
        report.ToJson().Should().Contain("\"trust\": \"suspicious\"");
        foreach (var badge in new[] { "badge\">trustworthy", "badge warning\">suspicious", "badge invalid\">invalid" })
            report.ToHtml().Split($"<span class=\"{badge} numbers</span>").Should().HaveCountGreaterThan(2);
    }
}
