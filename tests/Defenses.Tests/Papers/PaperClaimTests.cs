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

    // An interval of [-0.2, -0.01] excludes 0 by 5 % of its width: alone it refutes, of twenty places it is what chance gives.
    [Theory]
    [InlineData(-0.01, 1, "refuted")]
    [InlineData(-0.01, 20, "not decided at this size")]
    [InlineData(-0.1, 20, "refuted")]
    public void One_place_of_many_refutes_only_with_intervals_widened_for_their_number(double upper, int places, string verdict)
    {
        var zero = new Interval(0, 0);
        PaperClaim.All("a", "b", "c", [(new(-0.2, upper), zero), .. Enumerable.Repeat((new Interval(1, 2), zero), places - 1)]).Verdict.Should().Be(verdict);
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

    [Fact]
    public void Claims_under_other_attacks_are_counted_apart_in_a_table_of_their_own()
    {
        var claim = new PaperClaim("HRS holds more than noise", "table 1", "60 and 40 %", PaperClaim.Confirmed);
        var section = PaperClaim.Section([claim], [claim with { Verdict = PaperClaim.Refuted }, claim.Undecided()], "Each network was trained once.");
        section.Text.Should().Equal("1 of 1 are confirmed, 0 refuted, 0 not decided at this size.",
            "Under attacks that the paper did not run: 0 of 2 are confirmed, 1 refuted, 1 not decided at this size.", "Each network was trained once.");
        section.Tables.Select(table => table.Rows.Count).Should().Equal(1, 2);
        PaperClaim.Section([claim], []).Tables.Should().ContainSingle();
    }

    [Fact]
    public void Numbers_in_words_have_signs_that_do_not_break_and_no_negative_zero() =>
        (TextFormat.Points(new Estimate(-0.031, -0.08, 0.0201)), TextFormat.Points(new Estimate(-0.0001, double.NegativeInfinity, double.PositiveInfinity), 1),
            TextFormat.Ranged(new Estimate(2.345, 1, 3), 2))
            .Should().Be(("\u22123 [\u22128, 2]", "0.0 [\u2212∞, ∞]", "2.35 [1.00, 3.00]"));

    [Fact]
    public void The_interval_of_a_difference_of_means_is_that_of_both_together()
    {
        var difference = MeanDifference.Between(new Estimate(5, 2, 6), new Estimate(1, 0, 5));
        difference.Value.Should().Be(4);
        difference.Lower.Should().BeApproximately(4 - 5, 1e-12);             // 3 and 4
        difference.Upper.Should().BeApproximately(4 + Math.Sqrt(2), 1e-12);   // 1 and 1
    }

    // Each image is as hard for both, and the second loses a tenth more everywhere: pairs see it, two rates apart do not.
    [Fact]
    public void Shares_over_the_same_images_show_a_difference_that_rates_apart_do_not()
    {
        double[] first = [.. Enumerable.Range(0, 60).Select(image => image % 2 == 0 ? 1 : 0.1)], second = [.. first.Select(share => share - 0.1)];
        var (paired, apart) = (PairedShares.Difference(first, second), ProportionDifference.Between(PairedShares.Rate(first), PairedShares.Rate(second)));
        paired.Value.Should().BeApproximately(0.1, 1e-12).And.BeApproximately(apart.Value, 1e-12);
        (paired.Lower > 0, apart.Lower > 0).Should().Be((true, false));
        PairedShares.Difference([1, 1, 1], [0, 0, 0]).Value.Should().Be(1);
    }
}
