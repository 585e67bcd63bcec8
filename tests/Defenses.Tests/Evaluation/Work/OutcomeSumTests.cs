using Defenses.Evaluation;
using Defenses.Evaluation.Work;
using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Tests.Evaluation.Work;

public sealed class OutcomeSumTests
{
    private const int Draws = 4;

    // Six images; this defense recognises the first five, the other one all but the second. Held by majority, ties
    // included: this 0, 1, 2, 5; the other 1, 2, 3.
    private static readonly int[] s_met = [0, 1, 2, 3, 4, 0], s_baseMet = [3, 0, 1, 2, 4, 4];
    private static readonly bool[] s_recognised = [true, true, true, true, true, false], s_baseRecognised = [true, false, true, true, true, true];

    [Fact]
    public void Success_is_counted_on_recognised_images_and_on_all()
    {
        var outcome = Sum().Outcome(0.95);
        outcome.Success.Should().Be(new DrawRates(new(10 / 4.0, 5), new(2, 5), new(4, 5)));
        outcome.DefenseRate.Should().Be(new Proportion(2.5, 5));
        outcome.AllImages.Should().Be(new DrawRates(new(10 / 4.0, 6), new(2, 6), new(4, 6)));
        outcome.Accuracy.MeanDraw.Should().Be(new Proportion(14 / 4.0, 6));
        (outcome.PValue, outcome.Efficiency).Should().Be((null, null));
    }

    // Six times the same block. Both recognise images 0, 2, 3 and 4: only this defense holds 0, only the other holds 3, both hold 2, neither 4.
    [Fact]
    public void Pairs_are_compared_where_both_recognise()
    {
        const int Blocks = 6;
        var (sum, first) = (Sum(Blocks), new OutcomeSum(Draws));
        for (var block = 0; block < Blocks; block++)
        {
            sum.Compare(s_met, s_recognised, s_baseMet, s_baseRecognised);
            first.Add([1, 4, 3, 2, 0, 0], s_baseMet, s_baseRecognised);
        }

        var (firstAccuracy, accuracy) = (new Tally(Draws).Add([4, 2, 4, 4, 4, 4]).Accuracy(0.95)!, new Tally(Draws).Add([4, 4, 4, 3, 3, 1]).Accuracy(0.95)!);
        var outcome = sum.Outcome(0.95, 0.05, first.Outcome(0.95), firstAccuracy, accuracy, 0.25);
        outcome.PValue.Should().Be(McNemar.PValue(Blocks, Blocks));
        double[] own = [0, 2, 3, 4], other = [3, 1, 2, 4];
        var together = Correlation.Pearson(own, other).Value * 4 / 5;   // four common ones of five each
        var expected = DefenseEfficiency.Measure(new(15, 30), new(9, 30), firstAccuracy.MeanDraw, accuracy.MeanDraw, 0.05, together, 0.25);
        outcome.Efficiency!.RateGain.Value.Should().BeApproximately(expected.RateGain.Value, 1e-12);
        outcome.Efficiency.RateGain.Lower.Should().BeApproximately(expected.RateGain.Lower, 1e-9);
        outcome.Efficiency.AccuracyLoss.Should().Be(expected.AccuracyLoss);
        outcome.Efficiency.Eta.Should().Be(0.05);
    }

    [Fact]
    public void Counts_that_do_not_vary_go_together_with_nothing()
    {
        var pairs = new PairTally();
        for (var i = 0; i < 5; i++) pairs.Add(2, i);
        pairs.CorrelationOfMeans(5, 5).Should().Be(0);
    }

    private static OutcomeSum Sum(int blocks = 1)
    {
        var sum = new OutcomeSum(Draws);
        for (var block = 0; block < blocks; block++) sum.Add([4, 3, 2, 1, 0, 4], s_met, s_recognised);
        return sum;
    }
}
