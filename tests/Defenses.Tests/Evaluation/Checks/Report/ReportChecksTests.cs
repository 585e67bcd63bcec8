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
}
