using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every transform of images in front of a surrogate. Derive once for each.</summary>
public abstract class InputTransformContract<T> where T : InputTransform
{
    /// <summary>The transform for images (N, 2, 6, 7) in double precision.</summary>
    protected abstract T Create();

    /// <summary>Whether the backward pass is that of the forward pass.</summary>
    protected virtual bool HasTrueGradient => true;

    [Fact]
    public void Shape_dtype_and_input_stay() => Each((transform, x) =>
    {
        var before = Numbers.Of(x);
        for (var copy = 0; copy < transform.Copies; copy++)
        {
            var y = Apply(transform, x, copy);
            y.shape.Should().Equal(x.shape);
            y.dtype.Should().Be(x.dtype);
            ReferenceEquals(x, y).Should().BeFalse();
            Numbers.Of(y).Should().OnlyContain(value => double.IsFinite(value));
        }
        Numbers.Of(x).Should().Equal(before);
        Apply(transform, x.to_type(ScalarType.Float32), 0).dtype.Should().Be(ScalarType.Float32);
    });

    [Fact]
    public void It_draws_if_and_only_if_it_says_so() => Each((transform, x) =>
    {
        using var random = new RandomSource(5);
        var (first, second) = (transform.Apply(x, 0, Bounds.Unit, random), transform.Apply(x, 0, Bounds.Unit, random));
        if (transform.IsRandom) Numbers.Of(second).Should().NotEqual(Numbers.Of(first));
        else Numbers.Of(second).Should().Equal(Numbers.Of(first));
        Numbers.Of(Apply(transform, x, 0)).Should().Equal(Numbers.Of(Apply(transform, x, 0)), "the same stream gives the same copies");
    });

    [Fact]
    public void One_draw_treats_each_image_alone() => Each((transform, x) =>
    {
        using var all = new RandomSource(5);
        using var one = new RandomSource(5);
        all.Restart(2);
        one.Restart(2);
        var (batch, alone) = (transform.Apply(x, 0, Bounds.Unit, all), transform.Apply(x.narrow(0, 1, 1), 0, Bounds.Unit, one));
        Close(Numbers.Of(batch.narrow(0, 1, 1)), Numbers.Of(alone), 1e-12);
    });

    [Fact]
    public void Other_images_of_the_batch_change_nothing() => Each((transform, x) =>
    {
        var other = x.clone();
        other[0] = 0.3;
        Close(Numbers.Of(Apply(transform, other, 0).narrow(0, 1, 2)), Numbers.Of(Apply(transform, x, 0).narrow(0, 1, 2)), 0);
    });

    [Fact]
    public void Gradients_pass() => Each((transform, x) =>
    {
        var leaf = x.detach().requires_grad_(true);
        var y = Apply(transform, leaf, 0);
        var weight = Numbers.Normal(x.shape, ScalarType.Float64, seed: 9);
        var gradient = autograd.grad([(y * weight).sum()], [leaf])[0];
        gradient.abs().sum().ToDouble().Should().BeGreaterThan(0);
        if (!HasTrueGradient) return;
        var along = Numbers.Normal(x.shape, ScalarType.Float64, seed: 10) * 1e-5;
        var change = ((Apply(transform, x + along, 0) - Apply(transform, x - along, 0)) * weight).sum().ToDouble() / 2;
        change.Should().BeApproximately((gradient * along).sum().ToDouble(), 1e-9);
    });

    [Fact]
    public void Black_is_the_lower_bound() => Each((transform, x) =>
    {
        using var unit = new RandomSource(5);
        using var wide = new RandomSource(5);
        var bounds = new Bounds(-1, 3);
        var (here, there) = (transform.Apply(x, 0, Bounds.Unit, unit), In(bounds).Apply(x * 4 - 1, 0, bounds, wide));
        Close(Numbers.Of(there), Numbers.Of(here * 4 - 1), 1e-9);
    });

    /// <summary>The transform for images that are mapped from [0, 1] to other bounds; by default the same.</summary>
    protected virtual T In(Bounds bounds) => Create();

    [Fact]
    public void It_leaves_no_tensor_behind() => Each((transform, x) => Numbers.LeaveNothing(() =>
    {
        using (no_grad()) Apply(transform, x, 0).Dispose();
        using var leaf = x.detach().requires_grad_(true);
        Apply(transform, leaf, 0).Dispose();
    }));

    [Fact]
    public void Impossible_copies_are_refused() =>
        FluentActions.Invoking(() => Create() with { Copies = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Copies");

    protected static Tensor Apply(InputTransform transform, Tensor x, int copy)
    {
        using var random = new RandomSource(5);
        return transform.Apply(x, copy, Bounds.Unit, random);
    }

    protected static void Close(double[] actual, double[] expected, double tolerance)
    {
        actual.Should().HaveSameCount(expected);
        for (var i = 0; i < actual.Length; i++) actual[i].Should().BeApproximately(expected[i], tolerance, $"element {i}");
    }

    private void Each(Action<T, Tensor> check)
    {
        using var scope = NewDisposeScope();
        check(Create(), Numbers.Uniform([3, 2, 6, 7], ScalarType.Float64, seed: 8));
    }
}
