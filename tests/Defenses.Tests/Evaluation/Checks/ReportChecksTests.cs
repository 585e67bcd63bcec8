using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class ReportChecksTests
{
    [Fact]
    public void A_sound_evaluation_is_trustworthy_without_a_single_finding()
    {
        SoundReport.Value.Findings.Should().BeEmpty();
        SoundReport.Value.Verdicts.Select(verdict => verdict.Trust).Should().Equal(Trustworthiness.Trustworthy, Trustworthiness.Trustworthy);
    }

    [Fact]
    public void Every_check_on_reports_is_in_the_list_and_titles_differ()
    {
        var types = typeof(ReportCheck).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ReportCheck)) && !type.IsAbstract);
        ReportCheck.All.Select(check => check.GetType()).Should().BeEquivalentTo(types);
        ReportCheck.All.Select(check => check.Title).Should().OnlyHaveUniqueItems();
    }
}
