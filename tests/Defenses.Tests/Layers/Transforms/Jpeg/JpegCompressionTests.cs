using Defenses.Layers;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class JpegCompressionTests : LayerContract<JpegCompression>
{
    protected override IReadOnlyList<long[]> Shapes => [[2, 1, 9, 10], [1, 3, 5, 4], [1, 3, 1, 1]];

    protected override bool PassesNaN => false;

    // The cosines have 13 bits.
    protected override double GradientTolerance => 1e-3;

    protected override JpegCompression Create() => new(50);

    protected override Tensor Input(long[] shape, ScalarType dtype = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        return (Numbers.Uniform(shape, dtype) * 0.6 + 0.2).MoveToOuterDisposeScope();
    }

    // Without the roundings, and away from the ends of the range, decoding undoes encoding but for the chroma's resolution.
    protected override double[] ExpectedGradient(JpegCompression layer, Tensor x, Tensor weight)
    {
        if (x.shape[1] == 1) return Numbers.Of(weight);
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_();
        var (light, chroma) = LinearSplit(leaf);
        var linear = LinearJoin(light, LinearDouble(nn.functional.avg_pool2d(Even(chroma), 2), x.shape[2], x.shape[3]));
        return Numbers.Of(autograd.grad([(linear * weight).sum()], [leaf])[0]);
    }

    [Theory]
    [InlineData("grey", 10)]
    [InlineData("grey", 50)]
    [InlineData("grey", 90)]
    [InlineData("rgb", 10)]
    [InlineData("rgb", 50)]
    [InlineData("rgb", 90)]
    public void It_gives_what_libjpeg_gives_on_an_image_of_odd_size(string kind, int quality) =>
        Agree(SharedFiles.Copied($"jpeg/{kind}_u8.npy"), SharedFiles.Copied($"jpeg/{kind}_q{quality}_u8.npy"), quality);

    [SharedFact("reference/jpeg")]
    public void It_gives_what_libjpeg_gives_on_pictures()
    {
        foreach (var kind in new[] { "grey", "rgb" })
            foreach (var quality in new[] { 10, 30, 50, 75, 90, 100 })
                Agree(SharedFiles.Find($"reference/jpeg/{kind}_u8.npy"), SharedFiles.Find($"reference/jpeg/{kind}_q{quality}_u8.npy"), quality);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_even_grey_stays_at_every_quality(int channels)
    {
        using var scope = NewDisposeScope();
        var x = full([1, channels, 20, 20], 128 / 255.0, dtype: ScalarType.Float64);
        foreach (var quality in new[] { 1, 25, 50, 99, 100 }) Close(new JpegCompression(quality).call(x), x, 1e-12);
    }

    [Fact]
    public void The_best_quality_moves_a_grey_pixel_by_less_than_two_levels()
    {
        using var scope = NewDisposeScope();
        var x = (Numbers.Uniform([4, 1, 16, 16], ScalarType.Float64) * 255).round() / 255;
        var moved = (new JpegCompression(100).call(x) - x) * 255;
        Numbers.Of(moved).Should().OnlyContain(levels => Math.Abs(levels) < 1.5);
    }

    [Fact]
    public void Worse_quality_loses_more()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([4, 3, 16, 16]);
        var losses = new[] { 95, 75, 50, 20, 5 }.Select(quality => (new JpegCompression(quality).call(x) - x).square().mean().ToDouble()).ToArray();
        losses.Should().BeInAscendingOrder();
    }

    [Fact]
    public void A_number_that_is_none_gives_no_crash()
    {
        using var scope = NewDisposeScope();
        Create().call(Input([1, 1, 8, 8]) * double.NaN).shape.Should().Equal(1, 1, 8, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void Quality_lies_from_1_to_100(int quality) => FluentActions.Invoking(() => new JpegCompression(quality))
        .Should().Throw<ArgumentOutOfRangeException>().WithMessage("quality must lie in [1, 100]*");

    [Fact]
    public void Images_have_one_channel_or_three()
    {
        using var x = ones(1, 2, 8, 8);
        Create().Invoking(layer => layer.call(x)).Should().Throw<ArgumentException>().WithMessage("*one channel*three*(1, 2, 8, 8)*");
    }

    private static void Agree(string before, string after, int quality)
    {
        using var scope = NewDisposeScope();
        var (input, expected) = (Images(before), Images(after));
        var difference = Numbers.Of((new JpegCompression(quality).call(input / 255) * 255 - expected).abs());
        difference.Count(levels => levels > 2.001).Should().BeLessThanOrEqualTo(difference.Length / 200, $"quality {quality}");
    }

    // (N, H, W) or (N, H, W, 3) bytes → (N, C, H, W)
    private static Tensor Images(string path)
    {
        var images = Npy.Read(path).to_type(ScalarType.Float32);
        return images.dim() == 3 ? images.unsqueeze(1) : images.permute(0, 3, 1, 2).contiguous();
    }

    private static Tensor Even(Tensor x) => nn.functional.pad(x, [0, x.shape[3] % 2, 0, x.shape[2] % 2], PaddingModes.Replicate);

    private static (Tensor Light, Tensor Chroma) LinearSplit(Tensor rgb)
    {
        var (r, g, b) = (rgb.narrow(1, 0, 1), rgb.narrow(1, 1, 1), rgb.narrow(1, 2, 1));
        var light = r * 0.299 + g * 0.587 + b * 0.114;
        return (light, cat([(b - light) / 1.772, (r - light) / 1.402], 1));
    }

    private static Tensor LinearJoin(Tensor light, Tensor chroma)
    {
        var (blue, red) = (chroma.narrow(1, 0, 1) * 1.772, chroma.narrow(1, 1, 1) * 1.402);
        return cat([light + red, light - blue * (0.114 / 0.587) - red * (0.299 / 0.587), light + blue], 1);
    }

    // Linear interpolation between the centres of the small pixels.
    private static Tensor LinearDouble(Tensor x, long height, long width)
    {
        var large = nn.functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Bilinear, align_corners: false);
        return large.narrow(2, 0, height).narrow(3, 0, width);
    }
}
