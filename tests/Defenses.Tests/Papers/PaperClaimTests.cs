using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Tests.Papers;

public sealed class PaperClaimTests
{
    [Theory]
    [InlineData(0.6, 0.7, 0.4, 0.5, "confirmed")]
    [InlineData(0.45, 0.7, 0.4, 0.5, "not decided at this size")]
    [InlineData(0.1, 0.3, 0.4, 0.5, "refuted")]
    public void A_claim_is_decided_only_by_intervals_that_do_not_overlap(double low, double high, double otherLow, double otherHigh, string verdict) =>
        PaperClaim.Above("a", "b", "c", new Interval(low, high), new Interval(otherLow, otherHigh)).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData(0.01, 0.2, "confirmed")]
    [InlineData(-0.01, 0.2, "not decided at this size")]
    [InlineData(-0.2, -0.01, "refuted")]
    public void A_difference_is_decided_where_its_interval_excludes_zero(double low, double high, string verdict) =>
        PaperClaim.Positive("a", "b", "c", new Interval(low, high)).Verdict.Should().Be(verdict);

    [Fact]
    public void A_claim_of_several_places_needs_all_of_them_and_falls_with_one()
    {
        var (low, high, wide) = (new Interval(0, 1), new Interval(2, 3), new Interval(0, 3));
        var (holds, open, falls) = ((high, low), (wide, low), (low, high));
        PaperClaim.All("a", "b", "c", [holds, holds]).Verdict.Should().Be("confirmed");
        PaperClaim.All("a", "b", "c", [holds, open]).Verdict.Should().Be("not decided at this size");
        PaperClaim.All("a", "b", "c", [holds, open, falls]).Verdict.Should().Be("refuted");
        PaperClaim.All("a", "b", "c", []).Verdict.Should().Be("not decided at this size");
    }

    [Fact]
    public void The_section_counts_the_verdicts()
    {
        var section = PaperClaim.Section(
        [
            new("HRS holds more than noise", "table 1", "60 and 40 %", PaperClaim.Confirmed), new("x", "table 2", "1", PaperClaim.Refuted),
            new("y", "table 2", "1", PaperClaim.Refuted),
        ]);
        section.Text.Should().ContainSingle().Which.Should().Be("1 of 3 are confirmed, 2 refuted, 0 not decided at this size.");
        section.Tables[0].Rows.Should().HaveCount(3);
    }
}
