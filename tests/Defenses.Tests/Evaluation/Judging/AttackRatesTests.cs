using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class AttackRatesTests
{
    // Five images, one with a wrong label; the attack takes two of the others over the threshold, and the wrong one to the side of its label.
    [Fact]
    public void What_was_wrong_before_is_no_success_of_the_attack()
    {
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.45, 0.55, 0.9, 0.45);
        labels[4] = 1;
        var (attacked, _) = Threshold.Data(0.3, 0.55, 0.45, 0.8, 0.55);
        var judge = new Judge(3);
        var rates = AttackRates.From(judge.Measure(network.Classifier(), x, labels), judge.Measure(network.Classifier(), attacked, labels));
        rates.Recognized.Should().Be(4);
        rates.Success!.Majority.Successes.Should().Be(2);
        rates.Success.Majority.Trials.Should().Be(4);
        rates.Defense!.MeanDraw.Rate.Should().Be(0.5);
        rates.AllSuccess.MeanDraw.Rate.Should().Be(0.4);
        rates.AllDefense.WorstOfK.Rate.Should().BeApproximately(0.6, 1e-12);
    }

    // Of four draws: an image that is right in two of them is not recognised, and one that is taken in two of them is not lost by majority.
    [Fact]
    public void A_tie_recognises_nothing_and_takes_nothing()
    {
        var clean = new Judgement(new Judge(4), 1, true, [4, 3, 2, 1], [0, 1, 2, 3]);
        var attacked = new Judgement(new Judge(4), 2, true, [2, 0, 0, 0], [2, 4, 4, 4]);
        var rates = AttackRates.From(clean, attacked);
        rates.Recognized.Should().Be(2);
        rates.Success.Should().Be(new DrawRates(new(1.5, 2), new(1, 2), new(2, 2)));
        rates.Defense.Should().Be(new DrawRates(new(0.5, 2), new(1, 2), new(0, 2)));
        rates.AllSuccess.Should().Be(new DrawRates(new(3.5, 4), new(3, 4), new(4, 4)));
    }

    [Fact]
    public void Success_and_defense_add_up_in_each_of_the_three_ways()
    {
        using var coin = new CoinFlip(0.7);
        using var scope = NewDisposeScope();
        var (x, labels) = (full(40, 3, 0.5f), zeros(40, dtype: ScalarType.Int64));
        var model = new Classifier(coin, Bounds.Unit);
        var rates = AttackRates.From(new Judge(9) { Seed = 1 }.Measure(model, x, labels), new Judge(9) { Seed = 2 }.Measure(model, x, labels));
        (rates.Success!.MeanDraw.Rate + rates.Defense!.MeanDraw.Rate).Should().BeApproximately(1, 1e-12);
        (rates.Success.Majority.Rate + rates.Defense.Majority.Rate).Should().BeApproximately(1, 1e-12);
        (rates.Success.WorstOfK.Rate + rates.Defense.WorstOfK.Rate).Should().BeApproximately(1, 1e-12);
        rates.Defense.WorstOfK.Rate.Should().BeLessThan(rates.Defense.MeanDraw.Rate, "holding in every draw is harder than in one");
        rates.Success.WorstOfK.Lower.Should().BeApproximately(1 - rates.Defense.WorstOfK.Upper, 1e-12);
    }

    [Fact]
    public void A_model_that_recognises_nothing_leaves_nothing_to_attack()
    {
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.9);
        var judgement = new Judge(1).Measure(network.Classifier(), x, 1 - labels);
        var rates = AttackRates.From(judgement, judgement);
        (rates.Success, rates.Defense, rates.Recognized).Should().Be((null, null, 0));
        rates.AllSuccess.MeanDraw.Rate.Should().Be(1);
    }

    [Fact]
    public void Judgements_of_other_examples_are_refused()
    {
        using var network = new Threshold();
        using var scope = NewDisposeScope();
        var (x, labels) = Threshold.Data(0.2, 0.9);
        var (both, one) = (new Judge(1).Measure(network.Classifier(), x, labels),
            new Judge(1).Measure(network.Classifier(), x.narrow(0, 0, 1), labels.narrow(0, 0, 1)));
        FluentActions.Invoking(() => AttackRates.From(both, one)).Should().Throw<ArgumentException>().Which.ParamName.Should().Be("attacked");
        FluentActions.Invoking(() => AttackRates.From(null!, one)).Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("clean");
    }
}
