using Defenses.Detection;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Tests.Inference;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class SamplingDetectorTests : DetectorContract
{
    private static readonly SamplingStatistic[] s_all =
        [SamplingStatistic.VoteEntropy, SamplingStatistic.MeanEntropy, SamplingStatistic.MutualInformation, SamplingStatistic.ClassVariance];

    private readonly NearBoundary _network = new();

    public static IEnumerable<object[]> All => s_all.Select(statistic => new object[] { statistic });

    protected override nn.Module<Tensor, Tensor> Network => _network;

    protected override Tensor Clean { get; } = NearBoundary.Images(60, 0.3, 1);

    protected override Tensor Attacked { get; } = NearBoundary.Images(25, 0.03, 2);

    protected override Detector Make(ulong? seed = 1) => new SamplingDetector(_network.Model, SamplingStatistic.MeanEntropy, 40) { Seed = seed };

    [Fact]
    public void Statistics_have_their_closed_forms()
    {
        var (sure, half) = (new[] { 60f, 0 }, new[] { 0f, 0 });
        var other = new[] { 0f, 60 };
        var logits = Answers(sure, sure, other, other);   // certain and of two minds
        var ln2 = Math.Log(2);
        Values(logits).Should().SatisfyRespectively(Near(ln2), Near(ln2), Near(ln2), Near(0.25));
        Values(Answers(half, half, half, half)).Should().SatisfyRespectively(Near(0), Near(ln2), Near(0), Near(0));   // in doubt, of one mind
        Values(Answers(sure, sure, sure, other)).Should().SatisfyRespectively(Near(H(0.75)), Near(H(0.75)), Near(H(0.75)), Near(0.1875));
        Values(Answers(sure, sure, half, half)).Should().SatisfyRespectively(Near(0), Near(H(0.75)), Near(H(0.75) - ln2 / 2), Near(0.0625));
    }

    [Fact]
    public void The_entropy_of_votes_has_the_mean_that_coins_have()
    {
        const int Draws = 20, Images = 2000;
        var scores = Numbers.Of(new SamplingDetector(new Classifier(new Coin(0.3), Bounds.Unit), draws: Draws) { Seed = 5 }.Score(full(Images, 1, 0.5)));
        var chances = Enumerable.Range(0, Draws + 1).Select(k => (H: H((double)k / Draws), P: MathNet.Numerics.Distributions.Binomial.PMF(0.3, Draws, k)))
            .ToArray();
        var mean = chances.Sum(chance => chance.H * chance.P);
        var deviation = Math.Sqrt(chances.Sum(chance => chance.P * Math.Pow(chance.H - mean, 2)) / Images);
        scores.Average().Should().BeApproximately(mean, 4 * deviation);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_statistic_notices_what_lies_near_the_boundary(SamplingStatistic statistic)
    {
        var detector = new SamplingDetector(_network.Model, statistic, 30) { Seed = 1 };
        new RocCurve(detector.Measure(Clean), detector.Measure(Attacked)).Auc.Should().BeGreaterThan(0.95);
        new RocCurve(detector.Measure(Attacked.narrow(0, 0, 12)), detector.Measure(Attacked.narrow(0, 12, 12))).AucWithin(0.999).Interval.Contains(0.5).Should()
            .BeTrue();
    }

    [Fact]
    public void Votes_are_counted_exactly_and_differentiated_through_the_mean()
    {
        var x = Attacked.detach().clone().requires_grad_(true);
        Tensor Slope(SamplingStatistic statistic, out Tensor score)
        {
            score = new SamplingDetector(_network.Model, statistic, 10) { Seed = 2 }.Score(x);
            return autograd.grad([score.sum()], [x])[0];
        }
        Numbers.Of(Slope(SamplingStatistic.VoteEntropy, out var votes)).Should().Equal(Numbers.Of(Slope(SamplingStatistic.MeanEntropy, out _)));
        using var plain = no_grad();
        var expected = Numbers.Of(new SamplingDetector(_network.Model, null, 10) { Seed = 2 }.Score(Attacked));
        Numbers.Of(votes).Zip(expected, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Probabilities_come_from_one_pass_in_which_nothing_is_sampled()
    {
        var (holder, noise) = (new Holder(), new Shift());
        var network = nn.Sequential(("noise", noise), ("holder", holder), ("last", new Fixed(1, 2)));
        network.eval();
        using var score = new SamplingDetector(new Classifier(network, Bounds.Unit), draws: 3).Score(full(2, 1, 0.5));
        holder.Seen.Select(seen => seen.Rows).Should().Equal(2, 6);
        holder.Seen.Select(seen => seen.First).Should().Equal([0.5, 1.5], "the clean pass has no noise");
        holder.Held.Should().BeFalse("they are given back");
        noise.IsActive.Should().BeTrue();
    }

    [Fact]
    public void MVM_and_pruning_see_the_boundary_through_their_own_draws()
    {
        foreach (StochasticLayer layer in new StochasticLayer[] { new MvmSampling(0.5), new StochasticActivationPruning(0.5), new DefensiveDropout(0.5) })
        {
            var network = nn.Sequential(("layer", layer), ("flat", nn.Flatten()), ("sides", new Sides()));
            network.eval();
            var detector = new SamplingDetector(new Classifier(network, Bounds.Unit), draws: 30) { Seed = 4 };
            var (sure, torn) = (Pictures(0.9, 0.02), Pictures(0.4, 0.4));
            detector.Measure(sure).Average().Should().BeLessThan(detector.Measure(torn).Average() - 0.1, layer.GetType().Name);
        }
    }

    [Fact]
    public void Fresh_draws_differ_and_a_reseeded_network_repeats_them()
    {
        var detector = Make(seed: null);
        _network.Reseed(3);
        var first = Numbers.Of(detector.Score(Attacked));
        Numbers.Of(detector.Score(Attacked)).Should().NotEqual(first);
        _network.Reseed(3);
        Numbers.Of(detector.Score(Attacked)).Should().Equal(first);
    }

    [Fact]
    public void Every_block_of_images_has_separate_draws()
    {
        var scores = Make().Measure(NearBoundary.Images(1, 0.03, 5).expand(40, 1, 2, 2));
        scores.Take(20).Should().NotEqual(scores.Skip(20));
    }

    [Fact]
    public void Networks_that_cannot_disagree_are_refused()
    {
        var still = new SamplingDetector(new Classifier(new Fixed(1, 2), Bounds.Unit));
        FluentActions.Invoking(() => still.Score(Clean)).Should().Throw<InvalidOperationException>().WithMessage("*draws nothing*");
        using (_network.FixDraw(1)) FluentActions.Invoking(() => Make().Score(Clean)).Should().Throw<InvalidOperationException>()
            .WithMessage("*draws nothing*");
        var training = Wobbly.Network();
        training.train();
        FluentActions.Invoking(() => new SamplingDetector(new Classifier(training, Bounds.Unit)).Score(full(2, 16, 0.5))).Should()
            .Throw<InvalidOperationException>().WithMessage("*training mode*");
        FluentActions.Invoking(() => new SamplingDetector(null!)).Should().Throw<ArgumentNullException>().WithParameterName("model");
        FluentActions.Invoking(() => new SamplingDetector(_network.Model, draws: 1)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("draws");
        FluentActions.Invoking(() => SamplingStatistic.VoteEntropy.Of(ones(2, 3))).Should().Throw<ArgumentException>().WithParameterName("logits");
    }

    private static Tensor Pictures(double left, double right)
    {
        using var scope = NewDisposeScope();
        return cat([full([10, 1, 4, 2], left), full([10, 1, 4, 2], right)], 3).MoveToOuterDisposeScope();
    }

    private static double H(double p) => p is 0 or 1 ? 0 : -p * Math.Log(p) - (1 - p) * Math.Log(1 - p);

    private static Action<double> Near(double value) => actual => actual.Should().BeApproximately(value, 1e-6);

    private static Tensor Answers(params float[][] logits) => tensor(logits.SelectMany(row => row).ToArray()).view(logits.Length, 1, 2);

    private static double[] Values(Tensor logits) => [.. s_all.Select(statistic => Numbers.Of(statistic.Of(logits))[0])];

    /// <summary>Whether the left or the right half of the picture is brighter.</summary>
    private sealed class Sides : nn.Module<Tensor, Tensor>
    {
        internal Sides() : base(nameof(Sides)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var halves = x.view(x.shape[0], 4, 4);
            return stack([halves.narrow(2, 0, 2).sum([1, 2]), halves.narrow(2, 2, 2).sum([1, 2])], 1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Adds 1 when active.</summary>
    private sealed class Shift() : StochasticLayer(nameof(Shift))
    {
        protected override Tensor Sample(Tensor x, RandomSource random) => x + 1;

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }

    /// <summary>Notes what it sees while it holds.</summary>
    private sealed class Holder() : StochasticLayer(nameof(Holder)), IFreezableProbabilities
    {
        internal List<(long Rows, double First)> Seen { get; } = [];

        internal bool Held { get; private set; }

        public IDisposable HoldProbabilities()
        {
            Held = true;
            return new Undo(() => Held = false);
        }

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            Held.Should().BeTrue();
            Seen.Add((x.shape[0], Numbers.Of(x)[0]));
            return x.alias();
        }

        protected override Tensor Deterministic(Tensor x) => x.alias();
    }
}
