using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Pages;

public sealed class PaperVerdictTests
{
    [Theory]
    [InlineData(980, 1000, 0.98, false, "confirmed")]
    [InlineData(980, 1000, 0.9, false, "refuted")]
    [InlineData(980, 1000, 0.9, true, "differs")]
    [InlineData(980, 1000, 0.9995, false, "refuted")]
    [InlineData(5, 10, 0.6, false, "not decided at this size")]   // the range is wider than ten points
    [InlineData(5, 10, 0.6, true, "not decided at this size")]
    public void A_rate_is_judged_by_its_range(int right, int of, double paper, bool hasReason, string verdict) =>
        PaperVerdict.Of(PageCell.Of(new Proportion(right, of), paper), hasReason).Should().Be(verdict);

    [Theory]
    [InlineData(2.1, 2.0, 2.2, 2.12, "confirmed")]
    [InlineData(2.1, 1.5, 2.7, 2.12, "not decided at this size")]   // wider than a fifth of the paper's
    [InlineData(2.1, 2.0, 2.2, 2.5, "refuted")]
    public void Another_number_is_judged_by_the_width_beside_the_papers(double value, double lower, double upper, double paper, string verdict) =>
        PaperVerdict.Of(PageCell.Of(new Estimate(value, lower, upper), paper), hasReason: false).Should().Be(verdict);

    [Fact]
    public void Without_a_range_or_a_papers_number_nothing_is_said()
    {
        PaperVerdict.Of(PageCell.Of(0.5, 0.6), hasReason: false).Should().BeEmpty();
        PaperVerdict.Of(PageCell.Of(new Proportion(5, 10)), hasReason: false).Should().BeEmpty();
        PaperVerdict.Of(PageCell.Of(null as Proportion, 0.6), hasReason: false).Should().BeEmpty();
    }

    [Fact]
    public void A_number_that_the_paper_rounded_into_our_range_is_not_refuted() =>
        PaperVerdict.Of(PageCell.Of(new Estimate(0.9, 0.8504, 0.95), 0.85, NumberUnit.Percent), hasReason: false).Should().Be("confirmed");
}
