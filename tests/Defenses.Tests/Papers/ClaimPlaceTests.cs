using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Tests.Papers;

public sealed class ClaimPlaceTests
{
    [Fact]
    public void A_claim_writes_each_place_with_its_interval_and_the_papers_difference()
    {
        var claim = ClaimPlace.Claim("text", "Table 1", [new("PGD", new Estimate(0.123, 0.1, 0.15), 0.2), new("TR", new Estimate(-0.05, -0.1, 0.01))]);
        claim.Ours.Should().Be("PGD +12.3 [+10.0, +15.0], paper +20.0; TR −5.0 [−10.0, +1.0]");
        claim.Verdict.Should().Be(PaperClaim.NotDecided);
        ClaimPlace.Claim("text", "Table 1", [new("PGD", new Estimate(0.1234, 0.1, 0.15))], isPoints: false).Ours.Should().Be("PGD +0.123 [+0.100, +0.150]");
    }

    [Fact]
    public void Of_many_places_the_smallest_of_each_group_is_written_and_all_decide()
    {
        ClaimPlace Place(string name, double gain) => new(name, new Estimate(gain, gain - 0.01, gain + 0.01));
        var claim = ClaimPlace.Smallest("text", "Table 1", [[Place("a", 0.3), Place("b", 0.2)], [Place("c", 0.4)]]);
        claim.Ours.Should().Be("smallest difference: b +20.0 [+19.0, +21.0]; c +40.0 [+39.0, +41.0]");
        claim.Verdict.Should().Be(PaperClaim.Confirmed);
        ClaimPlace.Smallest("text", "Table 1", [[Place("a", 0.3), Place("b", -0.2)], [Place("c", 0.4)]]).Verdict.Should().Be(PaperClaim.Refuted);
    }

    [Fact]
    public void What_the_paper_does_not_test_stands_in_a_table_of_its_own()
    {
        var section = ClaimPlace.Section([new("a", "Table 1", "1", PaperClaim.Confirmed), new("b", ClaimPlace.OwnAttack, "2", PaperClaim.Refuted)]);
        section.Tables.Select(table => table.Rows.Single().Name).Should().Equal("a", "b");
    }
}
