using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class LocalIntrinsicDimensionalityTests : DetectorContract
{
    private readonly List<IDisposable> _made = [];

    public override void Dispose()
    {
        _made.ForEach(each => each.Dispose());
        base.Dispose();
    }

    protected override nn.Module<Tensor, Tensor> Network { get; } = Pixels.Network(9);

    protected override Tensor Clean { get; } = Pixels.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Pixels.Pictures(30, 0.25, 2);

    protected override Detector Make(ulong? seed = 1) =>
        Keep(new LocalIntrinsicDimensionality(new Classifier(Network, Bounds.Unit), ["flat", "hidden"], Pixels.Pictures(100, 0, 3)) { Seed = seed });

    [Fact]
    public void On_a_line_the_estimate_is_that_of_the_distances()
    {
        var reference = arange(1, 41, dtype: ScalarType.Float32).view(40, 1) / 50;
        var lid = Keep(new LocalIntrinsicDimensionality(new Classifier(Pixels.Network(1), Bounds.Unit), ["hidden"], reference, 10));
        var expected = -10 / Enumerable.Range(1, 10).Sum(j => Math.Log(j / 10.0));
        Numbers.Of(lid.Score(zeros(2, 1))).Should().OnlyContain(value => Math.Abs(value - expected) < 1e-4);
    }

    [Fact]
    public void Copies_of_the_reference_have_the_estimate_at_which_it_is_cut_off()
    {
        var reference = full([30, 1], 0.5);
        var lid = Keep(new LocalIntrinsicDimensionality(new Classifier(Pixels.Network(1), Bounds.Unit), ["hidden"], reference, 10));
        Numbers.Of(lid.Score(full([2, 1], 0.5))).Should().OnlyContain(value => Math.Abs(value / 2e7 - 1) < 1e-3, "all neighbors have the distance 0");
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 20)]
    [InlineData(8, 20)]
    [InlineData(4, 100)]
    public void In_a_ball_the_estimate_has_the_mean_that_theory_gives(int dimensions, int neighbours)
    {
        // Uniform in a cube about the query: nearest neighbours see a ball. −Σ ln(rⱼ/rₖ) is Gamma(k − 1, 1/d), so the mean is d·k/(k − 2).
        const int Runs = 60;
        var values = Enumerable.Range(0, Runs).Select(run =>
        {
            using var scope = NewDisposeScope();
            using var lid = new LocalIntrinsicDimensionality(new Classifier(Pixels.Network(dimensions), Bounds.Unit), ["hidden"],
                Numbers.Uniform([20_000, dimensions], seed: (ulong)run + 1), neighbours);
            return lid.Score(full(1, dimensions, 0.5)).ToDouble();
        }).ToArray();
        var (k, d) = ((double)neighbours, (double)dimensions);
        var deviation = d * k / (k - 2) / Math.Sqrt(k - 3);
        values.Average().Should().BeApproximately(d * k / (k - 2), 4 * deviation / Math.Sqrt(Runs));
    }

    [Fact]
    public void Layers_are_estimated_each_by_itself()
    {
        var lid = (LocalIntrinsicDimensionality)Make();
        var estimates = lid.Estimates(Attacked);
        estimates.shape.Should().Equal(30, 2);
        Numbers.Of(estimates.select(1, 0)).Should().Equal(Numbers.Of(estimates.select(1, 1)), "both layers give the pixels");
        Numbers.Of(lid.Score(Attacked)).Zip(Numbers.Of(estimates.mean([1])), (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void The_score_is_the_mean_of_layers_that_see_different_numbers_of_directions()
    {
        // The pixels fill a square, the logits depend on the first alone: two directions, and one.
        var lid = Keep(new LocalIntrinsicDimensionality(new Classifier(Pixels.Network(2), Bounds.Unit), ["flat", "last"], Numbers.Uniform([5_000, 2], seed: 5),
            50));
        var queries = Numbers.Uniform([40, 2], seed: 6) * 0.4 + 0.3;
        var estimates = lid.Estimates(queries);
        var (square, line) = (estimates.select(1, 0), estimates.select(1, 1));
        square.mean().ToDouble().Should().BeApproximately(2 * 50 / 48.0, 0.2);
        line.mean().ToDouble().Should().BeApproximately(50 / 48.0, 0.1);
        Numbers.Of(lid.Score(queries)).Zip(Numbers.Of((square + line) / 2), (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void Twins_and_equal_distances_have_finite_estimates()
    {
        var lid = Keep(new LocalIntrinsicDimensionality(new Classifier(Pixels.Network(1), Bounds.Unit), ["hidden"],
            cat([full(10, 1, 0.25), full(10, 1, 0.75)]), 5));
        Numbers.Of(lid.Score(tensor(new[] { 0.25f, 0.5f }).view(2, 1))).Should().OnlyContain(value => double.IsFinite(value) && value > 0);
    }

    [Fact]
    public void Layers_that_cannot_be_seen_are_named()
    {
        var model = new Classifier(Network, Bounds.Unit);
        var reference = Pixels.Pictures(30, 0, 3);
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["relu7"], reference)).Should().Throw<ArgumentException>()
            .WithParameterName("layers").WithMessage("*no 'relu7'*flat, hidden, last*");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, [], reference)).Should().Throw<ArgumentException>().WithParameterName("layers");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["flat", "flat"], reference)).Should().Throw<ArgumentException>()
            .WithParameterName("layers");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["flat"], reference, 30)).Should().Throw<ArgumentException>()
            .WithParameterName("reference");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["flat"], reference, 1)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("neighbors");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["flat"], reference * 3)).Should().Throw<ArgumentException>()
            .WithParameterName("reference");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(new Classifier(new Wayward(), Bounds.Unit), ["hidden"], reference)).Should()
            .Throw<InvalidOperationException>().WithMessage("*'hidden'*did not run*call(x)*");
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(new Classifier(new Wayward(), Bounds.Unit), ["twice"], reference)).Should()
            .Throw<InvalidOperationException>().WithMessage("*'twice'*2 times*");
        Leaks.None(() => FluentActions.Invoking(() => new LocalIntrinsicDimensionality(new Classifier(Network, Bounds.Unit), ["last", "relu7"], reference))
            .Should().Throw<ArgumentException>());
        Network.train();
        FluentActions.Invoking(() => new LocalIntrinsicDimensionality(model, ["flat"], reference)).Should().Throw<InvalidOperationException>()
            .WithMessage("*training mode*");
    }

    [Fact]
    public void Hooks_are_taken_off_also_after_an_error_and_what_was_kept_is_freed()
    {
        var wayward = new Wayward();
        var reference = Pixels.Pictures(30, 0, 3);
        Leaks.None(() => FluentActions.Invoking(() => new LocalIntrinsicDimensionality(new Classifier(wayward, Bounds.Unit), ["twice", "hidden"], reference))
            .Should().Throw<InvalidOperationException>());
        Leaks.None(() => new LocalIntrinsicDimensionality(new Classifier(Network, Bounds.Unit), ["hidden"], reference).Dispose());
    }

    private T Keep<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }

    /// <summary>Runs one layer past its hooks and another one twice.</summary>
    private sealed class Wayward : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> hidden = nn.ReLU(), twice = nn.ReLU();

        internal Wayward() : base(nameof(Wayward))
        {
            RegisterComponents();
            eval();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return twice.call(twice.call(hidden.forward(x.flatten(1)))).narrow(1, 0, 2).clone().sub(3).MoveToOuterDisposeScope();
        }
    }
}
