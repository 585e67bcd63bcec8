using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class ScaleInvarianceTests : InputTransformContract<ScaleInvariance>
{
    protected override ScaleInvariance Create() => new() { Copies = 3 };

    [Fact]
    public void The_gradient_of_a_linear_model_is_the_mean_over_the_scales()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, _) = network.Data(4);
        var view = new TransformedInputs(network.Classifier(), [new ScaleInvariance { Copies = 3, Base = 2 }]);
        var plain = network.Classifier().Gradient(x, logits => logits.select(1, 2));
        Close(Numbers.Of(view.Gradient(x, logits => logits.select(1, 2))), Numbers.Of(plain * ((1 + 0.5 + 0.25) / 3)), 1e-6);
        view.MemberShares.Should().HaveCount(3);
        view.IsRandom.Should().BeFalse();
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_base_of_one_makes_no_scales(double wrong) =>
        FluentActions.Invoking(() => new ScaleInvariance { Base = wrong }).Should().Throw<ArgumentOutOfRangeException>().WithMessage("Base must be*above 1*");
}

public sealed class TranslationInvarianceTests : InputTransformContract<TranslationInvariance>
{
    protected override bool HasTrueGradient => false;

    protected override TranslationInvariance Create() => new() { Kernel = 3 };

    [Fact]
    public void Images_stay_and_gradients_are_convolved_with_the_kernel()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([1, 2, 5, 6], ScalarType.Float64).requires_grad_(true);
        var y = Apply(new TranslationInvariance { Kernel = 3 }, x, 0);
        Numbers.Of(y).Should().Equal(Numbers.Of(x));
        var pixel = zeros_like(x);
        pixel[0, 1, 0, 2] = 1;
        var spread = Numbers.Of(autograd.grad([(y * pixel).sum()], [x])[0]);
        // The normal density at −3, 0, 3 sums to 1 after division: side = e^−4.5 / (1 + 2·e^−4.5).
        var side = Math.Exp(-4.5) / (1 + 2 * Math.Exp(-4.5));
        var middle = 1 - 2 * side;
        spread[30 + 2].Should().BeApproximately(middle * middle, 1e-12);
        spread[30 + 1].Should().BeApproximately(middle * side, 1e-12);
        spread[30 + 6 + 3].Should().BeApproximately(side * side, 1e-12);
        spread.Sum().Should().BeApproximately(middle + side, 1e-12, "a row of the kernel lies beyond the edge");
        spread.Take(30).Should().OnlyContain(value => value == 0, "channels are apart");
    }

    [Fact]
    public void An_even_kernel_has_no_middle() => FluentActions.Invoking(() => new TranslationInvariance { Kernel = 4 }).Should()
        .Throw<ArgumentOutOfRangeException>().WithMessage("Kernel must be an odd number*");
}

public sealed class AdmixTests : InputTransformContract<Admix>
{
    private static readonly Tensor s_images = Numbers.Uniform([4, 2, 6, 7], ScalarType.Float64, seed: 3).DetachFromDisposeScope();
    private static readonly Tensor s_wide = (s_images * 4 - 1).DetachFromDisposeScope();

    protected override Admix Create() => new(new ImagePool(s_images));

    protected override Admix In(Bounds bounds) => new(new ImagePool(s_wide));

    [Fact]
    public void Each_copy_is_the_image_and_a_share_of_one_of_the_pool()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([9, 2, 6, 7], ScalarType.Float64, seed: 8);
        var added = (Apply(new Admix(new ImagePool(s_images)) { Share = 0.25 }, x, 0) - x) * 4;
        for (var image = 0; image < 9; image++)
            Enumerable.Range(0, 4).Count(number => (added[image] - s_images[number]).abs().max().ToDouble() < 1e-9).Should().Be(1);
    }

    [Fact]
    public void A_pool_of_other_images_is_refused()
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => Apply(Create(), ones(1, 2, 5, 7), 0)).Should().Throw<ArgumentException>().WithMessage("*shape*");
        FluentActions.Invoking(() => new Admix(null!)).Should().Throw<ArgumentNullException>().WithParameterName("Pool");
        FluentActions.Invoking(() => Create() with { Share = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Share");
        FluentActions.Invoking(() => new ImagePool(zeros(0, 3))).Should().Throw<ArgumentException>().WithParameterName("images");
    }
}

public sealed class DiverseInputTests : InputTransformContract<DiverseInput>
{
    protected override DiverseInput Create() => new() { Probability = 1 };

    [Fact]
    public void An_image_is_never_larger_and_keeps_its_brightness_in_proportion()
    {
        using var scope = NewDisposeScope();
        var x = ones([400, 1, 16, 16], dtype: ScalarType.Float64);
        var area = Numbers.Of(Apply(new DiverseInput { Probability = 1, Largest = 1.5 }, x, 0).sum([1L, 2, 3])).Select(sum => sum / 256).ToArray();
        // The image has r/24 of its side, r from 16 to 24: areas from 0.44 to 1.
        area.Should().OnlyContain(share => share > 0.40 && share < 1 + 1e-9);
        area.Max().Should().BeGreaterThan(0.99);
        area.Min().Should().BeLessThan(0.5);
    }

    [Fact]
    public void So_many_images_change_as_the_probability_says()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([400, 1, 8, 8], ScalarType.Float64);
        var changed = (Apply(new DiverseInput { Probability = 0.25, Largest = 2 }, x, 0) - x).abs().amax([1L, 2, 3]) > 1e-9;
        var share = changed.to_type(ScalarType.Float64).mean().ToDouble();
        share.Should().BeInRange(0.25 * 8 / 9 - 0.09, 0.25 + 0.09);   // one size in nine is that of the frame
    }

    [Fact]
    public void Anything_but_images_is_refused()
    {
        using var scope = NewDisposeScope();
        foreach (var transform in new InputTransform[] { new DiverseInput(), new BlockShuffle() })
            FluentActions.Invoking(() => Apply(transform, ones(2, 12), 0)).Should().Throw<ArgumentException>().WithMessage("x must be a batch of images*");
        FluentActions.Invoking(() => new DiverseInput { Largest = 1 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Largest");
        FluentActions.Invoking(() => new DiverseInput { Probability = 1.1 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Probability");
    }
}

public sealed class BlockShuffleTests : InputTransformContract<BlockShuffle>
{
    protected override BlockShuffle Create() => new() { Copies = 2 };

    [Fact]
    public void Without_rotation_the_pixels_are_the_same_in_another_order()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([30, 1, 9, 7], ScalarType.Float64);
        foreach (var blocks in new[] { 1, 2, 3 })
        {
            var y = Apply(new BlockShuffle { Blocks = blocks, Angle = 0 }, x, 0);
            for (var image = 0; image < 30; image++)
                Close([.. Numbers.Of(y[image]).Order()], [.. Numbers.Of(x[image]).Order()], 1e-9);
            var moved = (y - x).abs().amax([1L, 2, 3]).gt(1e-9).sum().ToInt64();
            if (blocks == 1) moved.Should().Be(0);
            else moved.Should().BeGreaterThan(15);
        }
    }

    [Fact]
    public void One_block_is_rotated_around_the_middle()
    {
        using var scope = NewDisposeScope();
        var x = zeros([50, 1, 9, 9], dtype: ScalarType.Float64);
        var middle = x.clone();
        middle.index_put_(1, TensorIndex.Colon, 0, 4, 4);
        x.index_put_(1, TensorIndex.Colon, 0, 4, 7);
        var turned = new BlockShuffle { Blocks = 1, Angle = 90 };
        Numbers.Of(Apply(turned, middle, 0).index(TensorIndex.Colon, 0, 4, 4)).Should().OnlyContain(value => Math.Abs(value - 1) < 1e-9, "the middle stays");
        var places = arange(9, dtype: ScalarType.Float64) - 4;
        var far = Apply(turned, x, 0);
        var mass = far.sum([1L, 2, 3]);
        var (down, right) = ((far.sum([1L, 3]) * places).sum(1) / mass, (far.sum([1L, 2]) * places).sum(1) / mass);
        var distance = Numbers.Of((down * down + right * right).sqrt());
        distance.Should().OnlyContain(value => Math.Abs(value - 3) < 0.35, "the other pixel stays three pixels away");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void Blocks_are_few(int blocks) =>
        FluentActions.Invoking(() => new BlockShuffle { Blocks = blocks }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Blocks");
}

public sealed class TransformedInputsTests
{
    [Fact]
    public void The_numbers_of_copies_multiply_and_a_seed_repeats_the_draws()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, _) = network.Data(4);
        using var pool = new LinearModel().Data(6).X;
        InputTransform[] transforms = [new Admix(new ImagePool(pool)) { Copies = 2 }, new ScaleInvariance { Copies = 3 }];
        var model = network.Classifier();
        var view = new TransformedInputs(model, transforms, seed: 4);
        view.MemberShares.Should().HaveCount(6);
        var before = view.Queries;
        var answers = Numbers.Of(view.Logits(x));
        (view.Queries - before).Forward.Should().Be(24);
        Numbers.Of(new TransformedInputs(model, transforms, seed: 4).Logits(x)).Should().Equal(answers);
        Numbers.Of(new TransformedInputs(model, transforms, seed: 5).Logits(x)).Should().NotEqual(answers);
    }

    [Fact]
    public void A_transform_of_ones_own_must_keep_the_shape()
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel();
        var (x, _) = network.Data(4);
        FluentActions.Invoking(() => new TransformedInputs(network.Classifier(), [new Halved()]).Logits(x)).Should()
            .Throw<InvalidOperationException>().WithMessage("Halved.Apply must keep the shape*");
        FluentActions.Invoking(() => new TransformedInputs(network.Classifier(), [])).Should().Throw<ArgumentException>().WithParameterName("transforms");
        FluentActions.Invoking(() => new TransformedInputs(null!, [new Halved()])).Should().Throw<ArgumentNullException>().WithParameterName("inner");
    }

    private sealed record Halved : InputTransform
    {
        public override bool IsRandom => false;

        public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random) => x.narrow(1, 0, x.shape[1] / 2);
    }
}
