using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every random layer: it is a family of functions, numbered by draw, and stays active in evaluation mode.</summary>
public abstract class StochasticLayerContract<T> : LayerContract<T> where T : StochasticLayer
{
    /// <summary>Whether the mean over draws is the input.</summary>
    protected abstract bool Unbiased { get; }

    /// <summary>The layer without randomness; by default the identity.</summary>
    protected virtual Tensor Expected(T layer, Tensor x) => x.alias();

    /// <summary>The layer, set to draw for each example separately where this is an option.</summary>
    protected virtual T CreatePerSample() => Create();

    /// <summary>Shapes with enough units for draws to differ.</summary>
    private IEnumerable<long[]> Rich => Shapes.Where(shape => shape.Skip(1).Aggregate(1L, (a, b) => a * b) >= 20);

    [Fact]
    public void The_same_draw_is_the_same_function_whenever_it_is_asked_for() => Each((layer, x) =>
    {
        var first = Apply(layer, x);
        layer.call(x).Dispose();
        Close(Apply(layer, x), first, 0);
    });

    [Fact]
    public void Different_draws_differ() => EachRich((layer, x) =>
    {
        using var one = layer.FixDraw(1);
        var first = layer.call(x);
        using var two = layer.FixDraw(2);
        Numbers.Of(layer.call(x)).Should().NotEqual(Numbers.Of(first));
    });

    [Fact]
    public void A_draw_treats_an_example_alike_wherever_it_stands_in_whatever_batch() => Each((layer, x) =>
    {
        var rows = cat([x, x * 0.5f, x + 1]);
        var whole = Apply(layer, rows);
        long[] order = [.. Enumerable.Range(0, (int)rows.shape[0]).Select(i => (long)i * 7 % rows.shape[0]).Distinct()];
        var permutation = tensor(order);
        Close(Apply(layer, rows.index_select(0, permutation)), whole.index_select(0, permutation), 0);
        for (var i = 0; i < rows.shape[0]; i++) Close(Apply(layer, rows.narrow(0, i, 1)), whole.narrow(0, i, 1), 0);
    });

    [Fact]
    public void A_fresh_call_draws_for_each_example_by_itself() => EachRich((_, x) =>
    {
        using var layer = CreatePerSample();
        layer.DrawsPerSample.Should().BeTrue();
        var same = x.narrow(0, 0, 1).expand([8, .. x.shape.Skip(1)]).contiguous();
        var rows = layer.call(same).flatten(1);
        Enumerable.Range(0, 8).Select(i => string.Join(' ', Numbers.Of(rows[i]))).Distinct().Count().Should().BeGreaterThan(1);
    });

    [Fact]
    public void It_goes_on_in_evaluation_mode() => EachRich((layer, x) =>
    {
        foreach (var mode in new[] { true, false })
        {
            layer.train(mode);
            layer.IsActive.Should().BeTrue();
            Enumerable.Range(0, 8).Select(_ => string.Join(' ', Numbers.Of(layer.call(x)))).Distinct().Count().Should().BeGreaterThan(1);
        }
    });

    [Theory]
    [InlineData(Phases.None, false, false)]
    [InlineData(Phases.Training, true, false)]
    [InlineData(Phases.Evaluation, false, true)]
    [InlineData(Phases.Always, true, true)]
    public void It_draws_in_the_phases_that_are_set(Phases phases, bool inTraining, bool inEvaluation) => EachRich((layer, x) =>
    {
        layer.ActiveIn = phases;
        foreach (var (mode, active) in new[] { (true, inTraining), (false, inEvaluation) })
        {
            layer.train(mode);
            layer.IsActive.Should().Be(active);
            if (!active) Close(layer.call(x), Expected(layer, x), 0);
        }
    });

    [Fact]
    public void Without_randomness_it_is_its_stated_deterministic_form() => Each((layer, x) =>
    {
        using (layer.DisableRandomness()) Close(layer.call(x), Expected(layer, x), 1e-7);
        layer.IsActive.Should().BeTrue();
    });

    [Fact]
    public void The_same_seed_gives_the_same_stream() => Each((layer, x) =>
    {
        layer.Reseed(5);
        var (first, second) = (layer.call(x), layer.call(x));
        layer.Reseed(5);
        Close(layer.call(x), first, 0);
        Close(layer.call(x), second, 0);
    });

    [Fact]
    public void Whether_a_gradient_is_recorded_or_how_the_input_lies_in_memory_changes_no_draw() => Each((layer, input) =>
    {
        layer.Reseed(6);
        var plain = layer.call(input);
        layer.Reseed(6);
        Close(layer.call(input.detach().requires_grad_()), plain, 0);
        layer.Reseed(6);
        var gaps = stack([input, input], dim: -1).select(-1, 0);
        Close(layer.call(gaps), plain, 0);
    });

    [Fact]
    public void The_mean_over_draws_is_the_input()
    {
        if (!Unbiased) return;
        using var scope = NewDisposeScope();
        var layer = CreatePerSample();
        layer.Reseed(11);
        foreach (var shape in new long[][] { [1, 12], [1, 2, 3, 3] })
        {
            const int Draws = 10_000;
            var x = Input(shape);
            var draws = layer.call(x.expand([Draws, .. shape.Skip(1)]).contiguous()).to_type(ScalarType.Float64);
            var error = Numbers.Of(draws.std(0)).Select(deviation => deviation / Math.Sqrt(Draws)).ToArray();
            var (mean, wanted) = (Numbers.Of(draws.mean([0L])), Numbers.Of(x));
            for (var i = 0; i < mean.Length; i++) Math.Abs(mean[i] - wanted[i]).Should().BeLessThanOrEqualTo(4 * error[i] + 1e-6);
        }
    }

    [Fact]
    public void The_surrogate_changes_the_gradient_and_nothing_else() => Each((layer, input) =>
    {
        var x = input.detach().requires_grad_();
        var plain = Apply(layer, x);
        layer.UseSurrogate = true;
        Close(Apply(layer, x), plain, 0);
    });

    private void EachRich(Action<T, Tensor> check)
    {
        Rich.Should().NotBeEmpty();
        foreach (var shape in Rich)
        {
            using var scope = NewDisposeScope();
            using var layer = Create();
            check(layer, Input(shape));
        }
    }
}
