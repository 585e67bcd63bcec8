using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every layer. Random layers are tested with one draw; see
/// <see cref="StochasticLayerContract{T}"/> for their other properties.</summary>
public abstract class LayerContract<T> where T : nn.Module<Tensor, Tensor>
{
    /// <summary>The layer for most of the tests; random layers have a seed.</summary>
    protected abstract T Create();

    /// <summary>Shapes that the layer must accept.</summary>
    protected virtual IReadOnlyList<long[]> Shapes => [[4, 6], [3, 2, 5, 5], [1, 3, 4, 4], [1, 1], [2, 3, 7]];

    /// <summary>Typical input values of the layer.</summary>
    protected virtual Tensor Input(long[] shape, ScalarType dtype = ScalarType.Float32) => Numbers.Normal(shape, dtype);

    /// <summary>Whether a NaN reaches the output.</summary>
    protected virtual bool PassesNaN => true;

    /// <summary>The tolerance of the gradient, relative to 1 + its size.</summary>
    protected virtual double GradientTolerance => 1e-5;

    /// <summary>The expected gradient of Σ weight·layer(x); by default the true gradient, by differences. Double precision.</summary>
    protected virtual double[] ExpectedGradient(T layer, Tensor x, Tensor weight) => Differences(layer, x, weight);

    /// <summary>One fixed draw of the layer.</summary>
    protected Tensor Apply(T layer, Tensor x)
    {
        using var draw = layer.FixDraw(3);
        return layer.call(x);
    }

    [Fact]
    public void Shape_and_dtype_stay() => Each((layer, x) =>
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using var y = Apply(layer, x.to_type(dtype));
            y.shape.Should().Equal(x.shape);
            y.dtype.Should().Be(dtype);
        }
    });

    [Fact]
    public void The_input_stays_as_it_is_and_is_not_handed_back() => Each((layer, x) =>
    {
        var before = Numbers.Of(x);
        var y = layer.call(x);
        Numbers.Of(x).Should().Equal(before);
        ReferenceEquals(x, y).Should().BeFalse();
        y.Dispose();
        Numbers.Of(x).Should().Equal(before, "the input outlives the output");
    });

    [Fact]
    public void Single_and_double_precision_agree() => Each((layer, x) =>
        Close(Apply(layer, x), Apply(layer, x.to_type(ScalarType.Float64)), 1e-4));

    [Fact]
    public void Layout_in_memory_does_not_matter()
    {
        using var scope = NewDisposeScope();
        foreach (var shape in Shapes.Where(shape => shape.Length == 4))
        {
            var (layer, x) = (Create(), Input(shape));
            var expected = Apply(layer, x);
            Close(Apply(layer, Numbers.ChannelsLast(x)), expected, 1e-6);
            var gaps = stack([x, x * 2], dim: -1).select(-1, 0);
            gaps.is_contiguous().Should().BeFalse();
            Close(Apply(layer, gaps), expected, 1e-6);
            Close(Apply(layer, gaps.to_type(ScalarType.Float64)), expected, 1e-4);
        }
    }

    [Fact]
    public void A_batch_without_examples_stays_one() => Each((layer, x) =>
    {
        using var y = layer.call(x.narrow(0, 0, 0));
        y.shape.Should().Equal([0, .. x.shape.Skip(1)]);
        using var fixedDraw = Apply(layer, x.narrow(0, 0, 0));
        fixedDraw.shape.Should().Equal([0, .. x.shape.Skip(1)]);
    });

    [Fact]
    public void The_gradient_is_the_one_that_the_layer_promises() => Each((layer, input) =>
    {
        var x = input.to_type(ScalarType.Float64).detach().requires_grad_();
        var weight = Numbers.Normal(x.shape, ScalarType.Float64, seed: 9);
        var gradient = autograd.grad([(Apply(layer, x) * weight).sum()], [x])[0];
        var (actual, expected) = (Numbers.Of(gradient), ExpectedGradient(layer, x.detach(), weight));
        for (var i = 0; i < actual.Length; i++) actual[i].Should().BeApproximately(expected[i], GradientTolerance * (1 + Math.Abs(expected[i])));
    });

    [Fact]
    public void The_gradient_in_single_precision_is_finite() => Each((layer, input) =>
    {
        var x = input.detach().requires_grad_();
        var y = layer.call(x);
        Numbers.Of(y).Should().OnlyContain(value => double.IsFinite(value));
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().OnlyContain(value => double.IsFinite(value));
    });

    [Fact]
    public void It_works_inside_a_sequence_and_adds_nothing_to_its_state()
    {
        using var scope = NewDisposeScope();
        foreach (var shape in Shapes)
        {
            using var layer = Create();
            using var sequence = nn.Sequential(("before", nn.Identity()), ("layer", layer), ("after", nn.Identity()));
            var x = Input(shape);
            Close(Apply(layer, x), Fixed(sequence, x), 0);
            sequence.state_dict().Should().BeEmpty();
            layer.parameters().Should().BeEmpty();
        }
    }

    [Fact]
    public void Moving_it_between_dtypes_and_devices_changes_nothing() => Each((layer, x) =>
    {
        var before = Apply(layer, x);
        layer.to(ScalarType.Float64);
        layer.to(CPU);
        layer.to(ScalarType.Float32);
        Close(Apply(layer, x), before, 0);
    });

    [Fact]
    public void Nothing_stays_behind()
    {
        using var layer = Create();
        foreach (var shape in Shapes)
        {
            Numbers.LeaveNothing(() =>
            {
                using var x = Input(shape);
                using (no_grad()) layer.call(x).Dispose();
                using var leaf = x.clone().requires_grad_();
                layer.call(leaf).Dispose();
                if (layer is ISurrogateGradient surrogate) surrogate.UseSurrogate = true;
                layer.call(leaf).Dispose();
            });
        }
    }

    [Fact]
    public void Zeros_give_finite_numbers_and_gradients() => Each((layer, x) =>
    {
        var zero = zeros_like(x).requires_grad_();
        var y = layer.call(zero);
        Numbers.Of(y).Should().OnlyContain(value => double.IsFinite(value));
        Numbers.Of(autograd.grad([y.sum()], [zero])[0]).Should().OnlyContain(value => double.IsFinite(value));
    });

    [Theory]
    [InlineData(1e30)]
    [InlineData(1e-30)]
    public void Huge_and_tiny_activations_give_finite_numbers(double scale) => Each((layer, x) =>
        Numbers.Of(layer.call(x * scale)).Should().OnlyContain(value => double.IsFinite(value)));

    [Fact]
    public void A_number_that_is_none_gives_one_and_no_crash() => Each((layer, x) =>
    {
        var y = layer.call(x * double.NaN);
        y.shape.Should().Equal(x.shape);
        if (PassesNaN) Numbers.Of(y).Should().Contain(value => double.IsNaN(value));
    });

    [Fact]
    public void What_is_not_floating_point_is_refused()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        var integers = ones(Shapes[0], dtype: ScalarType.Int64);
        layer.Invoking(it => it.call(integers)).Should().Throw<ArgumentException>().WithMessage("*floating point*Int64*Float32*");
        layer.Invoking(it => it.call(null!)).Should().Throw<ArgumentNullException>();
    }

    protected static void Close(Tensor actual, Tensor expected, double tolerance)
    {
        var (found, wanted) = (Numbers.Of(actual), Numbers.Of(expected));
        found.Should().HaveSameCount(wanted);
        for (var i = 0; i < found.Length; i++)
            (Math.Abs(found[i] - wanted[i]) <= tolerance * (1 + Math.Abs(wanted[i]))).Should().BeTrue($"element {i} is {found[i]} and should be {wanted[i]}");
    }

    /// <summary>Runs the check for each shape, in its own scope.</summary>
    protected void Each(Action<T, Tensor> check)
    {
        foreach (var shape in Shapes)
        {
            using var scope = NewDisposeScope();
            using var layer = Create();
            check(layer, Input(shape));
        }
    }

    /// <summary>The gradient of Σ weight·layer(x) by central differences at the fixed draw.</summary>
    protected double[] Differences(T layer, Tensor x, Tensor weight)
    {
        const double Step = 1e-6;
        var gradient = new double[x.numel()];
        for (var i = 0; i < gradient.Length; i++)
        {
            using var scope = NewDisposeScope();
            var there = zeros([x.numel()], dtype: x.dtype);
            there[i] = Step;
            var change = (Apply(layer, x + there.view(x.shape)) - Apply(layer, x - there.view(x.shape))) * weight;
            gradient[i] = change.sum().ToDouble() / (2 * Step);
        }
        return gradient;
    }

    private static Tensor Fixed(nn.Module<Tensor, Tensor> network, Tensor x)
    {
        using var draw = network.FixDraw(3);
        return network.call(x);
    }
}
