using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Statistics;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

public sealed class StrengthTuningExtensionsTests : IDisposable
{
    private const int Count = 2000;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _images = arange(Count, dtype: ScalarType.Float32).view(Count, 1).div(Count);   // 0, 1/n, …: a known share lies below any threshold
    private readonly Tensor _labels = zeros(Count, dtype: ScalarType.Int64);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void The_strongest_setting_within_the_budget_is_found_to_the_last_halving()
    {
        var model = new Threshold();
        var search = new StrengthSearch(0, 1) { MaxDrop = 0.05, Steps = 12 };
        var curve = model.TuneStrength(kappa => model.Kappa = kappa, search, _images, _labels);
        curve.BaselineAccuracy.Should().Be(1);
        curve.Points.Should().HaveCount(14).And.BeInAscendingOrder(point => point.Strength);
        foreach (var point in curve.Points)
        {
            var lost = Math.Min(Count, (int)Math.Ceiling(point.Strength * Count));   // images below the threshold
            point.Accuracy.Should().BeApproximately(1 - lost / (double)Count, 1e-12);
            point.Drop.Should().BeApproximately(lost / (double)Count, 1e-12);
            point.DropBound.Should().BeApproximately(BinomialInterval.ClopperPearsonUpper(lost, Count, 1 - 0.05 / 28), 1e-9);
        }
        curve.Strength.Should().Be(curve.Points.Last(point => point.DropBound <= 0.05).Strength).And.BeInRange(0.03, 0.05);
        curve.Points.First(point => point.DropBound > 0.05).Strength.Should().BeApproximately(curve.Strength!.Value, 1.0 / 4096 + 1e-9);
        model.Kappa.Should().Be(curve.Strength);
    }

    [Fact]
    public void Strengths_may_run_downwards_like_the_number_of_draws()
    {
        var model = new Threshold();
        var curve = model.TuneStrength(draws => model.Kappa = 1 / Math.Round(draws), new StrengthSearch(1000, 1) { MaxDrop = 0.1 }, _images, _labels);
        curve.Points.Should().BeInDescendingOrder(point => point.Strength);
        curve.Strength.Should().BeInRange(10, 16);
    }

    [Fact]
    public void The_strongest_setting_of_all_is_taken_at_once()
    {
        var model = new Threshold();
        var curve = model.TuneStrength(kappa => model.Kappa = kappa, new StrengthSearch(0, 0.01) { MaxDrop = 0.05 }, _images, _labels);
        curve.Strength.Should().Be(0.01);
        curve.Points.Should().ContainSingle();
    }

    [Fact]
    public void When_no_setting_passes_there_is_none_and_the_weakest_is_set()
    {
        var model = new Threshold();
        var curve = model.TuneStrength(kappa =>
            model.Kappa = kappa, new StrengthSearch(0.3, 0.9) { MaxDrop = 0.05 }, _images, _labels, baseline: new Threshold());
        curve.Strength.Should().BeNull();
        curve.Points.Select(point => point.Strength).Should().Equal(0.3, 0.9);
        model.Kappa.Should().Be(0.3);
    }

    [Fact]
    public void What_is_won_is_set_against_what_is_lost()
    {
        var model = new Threshold();
        var labels = (_images.squeeze(1) < 0.2).to_type(ScalarType.Int64);   // what κ = 0.2 gets right, all of it
        var curve = model.TuneStrength(kappa => model.Kappa = kappa, new StrengthSearch(0, 0.2) { MaxDrop = 0.01 }, _images, labels);
        curve.Strength.Should().Be(0.2);
        curve.BaselineAccuracy.Should().BeApproximately(0.8, 1e-12);
        curve.Points.Single().Drop.Should().BeApproximately(-0.2, 1e-12);
        curve.Points.Single().DropBound.Should().BeInRange(-0.2, -0.16);
    }

    [Fact]
    public void Accuracy_of_a_random_model_is_that_of_its_fresh_draws()
    {
        var model = new Erring();
        var search = new StrengthSearch(0, 0.5) { Seed = 3, Draws = 8, Steps = 1, MaxDrop = 0.02 };
        var curve = model.TuneStrength(rate => model.Rate = rate, search, _images, _labels);
        foreach (var point in curve.Points)
            point.Accuracy.Should().BeApproximately(1 - point.Strength, 4 * Math.Sqrt(point.Strength * (1 - point.Strength) / (8 * Count)) + 1e-12);
        model.TuneStrength(rate => model.Rate = rate, search, _images, _labels).Should().BeEquivalentTo(curve, "the seed decides");
        model.TuneStrength(rate => model.Rate = rate, search with { BatchSize = 300 }, _images, _labels).BaselineAccuracy.Should().Be(1);
    }

    [Fact]
    public void The_true_drop_is_within_the_budget_as_often_as_promised()
    {
        const int Runs = 100;
        var model = new Erring();
        var (images, labels) = (_images.narrow(0, 0, 250), _labels.narrow(0, 0, 250));
        var broken = 0;
        for (var run = 0; run < Runs; run++)
        {
            var search = new StrengthSearch(0, 0.5) { Seed = (ulong)run, Draws = 1, MaxDrop = 0.1, Confidence = 0.8, Steps = 6 };
            if (model.TuneStrength(rate => model.Rate = rate, search, images, labels).Strength > 0.1) broken++;   // the rate is the true drop
        }
        broken.Should().BeLessThanOrEqualTo((int)(Runs * 0.2 + 4 * Math.Sqrt(Runs * 0.2 * 0.8)));
    }

    [Fact]
    public void Modes_and_streams_are_as_before_and_no_tensor_is_left_behind()
    {
        var model = new Erring { Rate = 0.5 };
        model.Reseed(1);
        Leaks.None(() => model.TuneStrength(rate => model.Rate = rate, new StrengthSearch(0, 0.5) { MaxDrop = 0.02 }, _images, _labels));
        model.training.Should().BeTrue();
        model.Rate = 0.5;
        var next = model.call(_images);
        model.Reseed(1);
        Numbers.Of(next).Should().Equal(Numbers.Of(model.call(_images)));
    }

    [Fact]
    public void Every_point_is_reported_and_the_search_can_be_cancelled()
    {
        var model = new Threshold();
        using var cancellation = new CancellationTokenSource();
        var seen = new List<StrengthPoint>();
        var progress = new Listener(point =>
        {
            seen.Add(point);
            if (seen.Count == 3) cancellation.Cancel();
        });
        FluentActions.Invoking(() =>
            model.TuneStrength(kappa => model.Kappa = kappa, new StrengthSearch(0, 1), _images, _labels, null, progress, cancellation.Token))
            .Should().Throw<OperationCanceledException>();
        seen.Select(point => point.Strength).Should().Equal(1, 0, 0.5);
    }

    [Fact]
    public void Too_few_images_are_refused_with_the_number_that_is_needed()
    {
        var model = new Threshold();
        var search = new StrengthSearch(0, 1) { MaxDrop = 0.01 };
        FluentActions.Invoking(() => model.TuneStrength(_ => { }, search, _images.narrow(0, 0, 500), _labels.narrow(0, 0, 500))).Should()
            .Throw<ArgumentException>()
            .WithMessage("images must hold at least 597 examples*it holds 500*").WithParameterName("images");
        (1 - Math.Pow(0.05 / 20, 1 / 597.0)).Should().BeLessThanOrEqualTo(0.01, "597 images without a loss suffice");
        (1 - Math.Pow(0.05 / 20, 1 / 596.0)).Should().BeGreaterThan(0.01);
    }

    [Fact]
    public void Arguments_are_checked()
    {
        var model = new Threshold();
        var search = new StrengthSearch(0, 1);
        FluentActions.Invoking(() => new StrengthSearch(double.NaN, 1)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new StrengthSearch(0, double.PositiveInfinity)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => search with { MaxDrop = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("MaxDrop");
        FluentActions.Invoking(() => search with { Draws = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Draws");
        FluentActions.Invoking(() => model.TuneStrength(_ => { }, new StrengthSearch(1, 1), _images, _labels)).Should().Throw<ArgumentException>()
            .WithParameterName("search");
        FluentActions.Invoking(() => model.TuneStrength(null!, search, _images, _labels)).Should().Throw<ArgumentNullException>()
            .WithParameterName("setStrength");
        FluentActions.Invoking(() => model.TuneStrength(_ => { }, search, _images, _labels.narrow(0, 0, 5))).Should().Throw<ArgumentException>()
            .WithParameterName("labels");
        FluentActions.Invoking(() => model.TuneStrength(_ => { }, search, _images, _labels + 2)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("labels");
        FluentActions.Invoking(() => new Shift(1).TuneStrength(_ => { }, search, _images.view(Count, 1, 1), _labels)).Should()
            .Throw<InvalidOperationException>().WithMessage("*scores of shape (N, classes)*");
    }

    /// <summary>Class 0 where x ≥ κ.</summary>
    private sealed class Threshold() : Module(nameof(Threshold))
    {
        internal double Kappa { get; set; }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var right = x.to_type(ScalarType.Float64).ge(Kappa - 1e-7).to_type(ScalarType.Float32);
            return cat([right, 1 - right], 1).MoveToOuterDisposeScope();
        }
    }

    /// <summary>Class 1, the wrong one, at a rate.</summary>
    private sealed class Erring() : StochasticLayer(nameof(Erring))
    {
        internal double Rate { get; set; }

        protected override Tensor Sample(Tensor x, RandomSource random)
        {
            using var scope = NewDisposeScope();
            var wrong = random.Bernoulli(Rate, x);
            return cat([1 - wrong, wrong], 1).MoveToOuterDisposeScope();
        }

        protected override Tensor Deterministic(Tensor x) => x.expand(-1, 2);
    }

    private sealed class Listener(Action<StrengthPoint> act) : IProgress<StrengthPoint>
    {
        public void Report(StrengthPoint value) => act(value);
    }
}
