using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using Defenses.Tests.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

public sealed class JudgeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_accuracy_of_a_coin_lies_in_its_intervals_as_often_as_they_say(bool shared)
    {
        const int Draws = 5;
        var runs = shared ? 100 : 250;
        using var scope = NewDisposeScope();
        var model = new Classifier(shared ? new SharedCoin(0.9) : new CoinFlip(0.9), Bounds.Unit);
        var (x, labels) = Ones(shared ? 10 : 40);
        var (mean, majority, worst) = (0, 0, 0);
        for (var run = 0; run < runs; run++)
        {
            var rates = new Judge(Draws) { Seed = (ulong)run }.Measure(model, x, labels).Accuracy;
            if (rates.MeanDraw.Interval.Contains(0.9)) mean++;
            if (rates.Majority.Interval.Contains(0.99144)) majority++;   // at least 3 of 5
            if (rates.WorstOfK.Interval.Contains(0.59049)) worst++;      // all 5
        }
        new[] { mean, majority, worst }.Should().OnlyContain(covered => (double)covered / runs >= Dice.AtLeast(0.95, runs));
    }

    [Fact]
    public void An_attack_without_effect_does_not_raise_the_success_on_a_coin()
    {
        using var scope = NewDisposeScope();
        var model = new Classifier(new CoinFlip(0.9), Bounds.Unit);
        var (x, labels) = Ones(400);
        var attack = new Pgd(0) { Seed = 1, Steps = 3 };
        using var result = attack.Run(model, x, labels);
        var judgement = new Judge(100) { Seed = 2 }.Measure(model, result.Adversarial, labels);
        judgement.Success.Majority.Rate.Should().Be(0, "no majority of 100 draws is wrong");
        judgement.Accuracy.MeanDraw.Rate.Should().BeApproximately(0.9, 4 * Math.Sqrt(0.09 / 40000));
    }

    [Theory]
    [InlineData("coin")]
    [InlineData("shared coin")]
    [InlineData("noise")]
    [InlineData("deterministic")]
    public void Neither_batch_nor_shard_changes_a_verdict(string kind)
    {
        using var scope = NewDisposeScope();
        var model = Model(kind);
        var (x, labels) = Ones(67);
        var judge = new Judge(7) { Seed = 3 };
        var whole = judge.Measure(model, x, labels, firstIndex: 13);
        foreach (var size in new[] { 1, 9, 20, 31 })
        {
            var parts = new List<Judgement>();
            for (long row = 0; row < 67; row += size)
            {
                var count = Math.Min(size, 67 - row);
                parts.Add(judge.Measure(model, x.narrow(0, row, count), labels.narrow(0, row, count), firstIndex: 13 + row));
            }
            var joined = Judgement.Join(parts);
            joined.Correct.Should().Equal(whole.Correct);
            joined.Met.Should().Equal(whole.Met);
            joined.Accuracy.Should().Be(whole.Accuracy);
        }
    }

    [Fact]
    public void Examples_never_share_a_draw()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Ones(60);
        foreach (var kind in new[] { "coin", "shared coin" })
        {
            var correct = new Judge(1) { Seed = 4 }.Measure(kind == "coin" ? Coin(0.5) : new Classifier(new SharedCoin(0.5), Bounds.Unit), x, labels).Correct;
            correct.Sum().Should().BeInRange(30 - 16, 30 + 16, kind);   // four standard errors
        }
    }

    [Fact]
    public void A_deterministic_model_runs_once_and_is_counted_for_every_draw()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var model = network.Classifier();
        var (x, _) = Threshold.Data(0.1, 0.9, 0.6, 0.2);
        var labels = tensor(new long[] { 0, 1, 0, 0 });
        var judgement = new Judge(50).Measure(model, x, labels);
        judgement.IsRandom.Should().BeFalse();
        judgement.Correct.Should().Equal(50, 50, 0, 50);
        judgement.Met.Should().Equal(0, 0, 50, 0);
        judgement.SuccessRate.Should().Equal(0, 0, 1, 0);
        new[] { judgement.Accuracy.MeanDraw, judgement.Accuracy.Majority, judgement.Accuracy.WorstOfK }.Should()
            .OnlyContain(rate => rate == new Proportion(3, 4, 0.95));
        judgement.SuccessInterval(2).Should().Be(new Interval(1, 1));
        model.Queries.Forward.Should().BeLessThan(50, "50 draws of a model that never draws are one");
    }

    [Fact]
    public void Counts_give_the_three_rates_and_each_example_its_exact_interval()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Ones(30);
        var judgement = new Judge(9) { Seed = 6, Confidence = 0.9 }.Measure(Coin(0.6), x, labels);
        judgement.IsRandom.Should().BeTrue();
        judgement.Accuracy.MeanDraw.Should().Be(new Proportion(judgement.Correct.Sum() / 9.0, 30, 0.9));
        judgement.Accuracy.Majority.Should().Be(new Proportion(judgement.Correct.Count(correct => correct >= 5), 30, 0.9));
        judgement.Accuracy.WorstOfK.Should().Be(new Proportion(judgement.Correct.Count(correct => correct == 9), 30, 0.9));
        judgement.Success.WorstOfK.Should().Be(new Proportion(judgement.Met.Count(met => met > 0), 30, 0.9));
        judgement.Correct.Zip(judgement.Met, (correct, met) => correct + met).Should().OnlyContain(sum => sum == 9);
        judgement.SuccessInterval(3).Should().Be(BinomialInterval.ClopperPearson(judgement.Met[3], 9, 0.9));
    }

    [Fact]
    public void Half_of_the_draws_are_no_majority()
    {
        new Tally(4).Add([2, 3]).Accuracy(0.95)!.Majority.Successes.Should().Be(1);
    }

    [Fact]
    public void A_target_is_met_only_by_the_target()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, labels) = network.Data(20);
        var targets = (labels + 1) % 4;
        var judgement = new Judge(3).Measure(network.Classifier(), x, labels, Goal.Reach(targets));
        judgement.Correct.Should().OnlyContain(correct => correct == 3);
        judgement.Met.Should().OnlyContain(met => met == 0);
        new Judge(3).Measure(network.Classifier(), x, labels, Goal.Reach(labels)).Met.Should().OnlyContain(met => met == 3);
    }

    [Fact]
    public void A_model_with_NaN_outputs_recognizes_nothing()
    {
        using var scope = NewDisposeScope();
        using var network = new Threshold();
        var (x, labels) = Threshold.Data(0.2, 1, 0.9);
        var judgement = new Judge(2).Measure(network.Classifier(), x, labels);
        judgement.Correct.Should().Equal(2, 0, 2);
        judgement.Met.Should().Equal(0, 2, 0);
        new Judge(2).Measure(network.Classifier(), x, labels, Goal.Reach(labels)).Met.Should().Equal(2, 0, 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_verdict_and_no_seed_another()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Ones(100);
        var model = Coin(0.5);
        IReadOnlyList<int> Run(ulong? seed) => new Judge(20) { Seed = seed }.Measure(model, x, labels).Correct;
        Run(1).Should().Equal(Run(1));
        Run(1).Should().NotEqual(Run(2));
        Run(null).Should().NotEqual(Run(null));
    }

    [Fact]
    public void Leaves_the_models_own_stream_as_it_was()
    {
        using var scope = NewDisposeScope();
        var coin = new CoinFlip(0.5);
        var (x, labels) = Ones(64);
        coin.Reseed(8);
        var before = coin.call(x);
        coin.Reseed(8);
        new Judge(5).Measure(new Classifier(coin, Bounds.Unit), x, labels);
        coin.call(x).equal(before).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("coin")]
    [InlineData("shared coin")]
    [InlineData("deterministic")]
    public void Leaves_no_tensor_behind(string kind)
    {
        using var scope = NewDisposeScope();
        var model = Model(kind);
        var (x, labels) = Ones(23);
        Leaks.None(() => new Judge(130).Measure(model, x, labels));
    }

    [Fact]
    public void Stops_when_cancelled()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Ones(3);
        var run = () => new Judge(5).Measure(Coin(0.5), x, labels, cancellation: new CancellationToken(true));
        run.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        using var scope = NewDisposeScope();
        var model = Coin(0.5);
        var (x, labels) = Ones(3);
        var judge = new Judge(5);
        Refuses(() => new Judge(0), "draws");
        Refuses(() => new Judge(1) { Confidence = 1 }, "Confidence");
        Refuses(() => judge.Measure(null!, x, labels), "model");
        Refuses(() => judge.Measure(model, null!, labels), "x");
        Refuses(() => judge.Measure(model, x * 255, labels), "x");
        Refuses(() => judge.Measure(model, x * double.NaN, labels), "x");
        Refuses(() => judge.Measure(model, x.narrow(0, 0, 0), labels), "x");
        Refuses(() => judge.Measure(model, x.to_type(ScalarType.Int32), labels), "x");
        Refuses(() => judge.Measure(model, x, null!), "labels");
        Refuses(() => judge.Measure(model, x, labels + 2), "labels");
        Refuses(() => judge.Measure(model, x, labels - 1), "labels");
        Refuses(() => judge.Measure(model, x, labels.narrow(0, 0, 2)), "labels");
        Refuses(() => judge.Measure(model, x, labels.to_type(ScalarType.Int32)), "labels");
        Refuses(() => judge.Measure(model, x, labels, (Goal)null!), "goal");
        Refuses(() => judge.Measure(model, x, labels, Goal.Reach(labels.narrow(0, 0, 2))), "goal");
        Refuses(() => judge.Measure(model, x, labels, -1), "firstIndex");
        Refuses(() => judge.Measure(model, x, labels).SuccessInterval(3), "example");
        Refuses(() => Judgement.Join([]), "parts");
        Refuses(() => Judgement.Join([judge.Measure(model, x, labels), new Judge(4).Measure(model, x, labels)]), "parts");
    }

    [Fact]
    public void A_network_in_training_mode_or_with_hidden_draws_is_refused()
    {
        using var scope = NewDisposeScope();
        var (x, labels) = Ones(3);
        using var network = new LinearModel(4, 2);
        network.train();
        Measure(network).Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
        using var hidden = new Hidden();
        Measure(hidden).Should().Throw<InvalidOperationException>().WithMessage("*StochasticLayer*");

        Action Measure(nn.Module<Tensor, Tensor> module) => () => new Judge(2).Measure(new Classifier(module, Bounds.Unit), x, labels);
    }

    private static void Refuses(Action call, string name) => call.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);

    private static Classifier Coin(double right) => new(new CoinFlip(right), Bounds.Unit);

    private static Classifier Model(string kind) => kind switch
    {
        "coin" => Coin(0.5),
        "shared coin" => new Classifier(new SharedCoin(0.5), Bounds.Unit),
        "noise" => new Classifier(Noisy(), Bounds.Unit),
        _ => new Classifier(new LinearModel(4, 2), Bounds.Unit),
    };

    private static nn.Module<Tensor, Tensor> Noisy()
    {
        var network = nn.Sequential(("noise", new Jitter(1)), ("linear", new LinearModel(4, 2)));
        network.eval();
        return network;
    }

    private static (Tensor X, Tensor Labels) Ones(long count) => (full([count, 4], 0.5), zeros([count], dtype: ScalarType.Int64));

    private sealed class Hidden : nn.Module<Tensor, Tensor>
    {
        private int _calls;

        internal Hidden() : base(nameof(Hidden)) => eval();

        public override Tensor forward(Tensor x)
        {
            _calls++;
            using var scope = NewDisposeScope();
            var sum = 0 * x.flatten(1).sum(1, keepdim: true);
            return cat([sum + _calls, sum - 1], 1).MoveToOuterDisposeScope();
        }
    }
}
