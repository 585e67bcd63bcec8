using System.Security.Cryptography;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class SyntheticDigitsTests
{
    [Fact]
    public void The_images_are_the_same_on_every_machine()
    {
        using var train = SyntheticDigits.Train(1000, seed: 7);
        Sum(train).Should().Be("c85ca7f5988570ec6d95619a48200811a387f8a3b0a90ea38eafca54b02dc73a");
    }

    [Fact]
    public void Any_slice_equals_the_slice_of_the_whole()
    {
        using var whole = SyntheticDigits.Test(200, seed: 3);
        using var part = SyntheticDigits.Test(50, seed: 3, start: 117);
        using var expected = whole.Slice(117, 50);
        Pixels(part).Should().Equal(Pixels(expected));
        Labels(part).Should().Equal(Labels(expected));
    }

    [Fact]
    public void Seeds_and_splits_give_different_images_and_no_image_comes_twice()
    {
        using var train = SyntheticDigits.Train(1000, seed: 1);
        using var test = SyntheticDigits.Test(1000, seed: 1);
        using var other = SyntheticDigits.Train(1000, seed: 2);
        new[] { train, test, other }.SelectMany(set => Pixels(set).Chunk(784)).Select(Convert.ToHexString).Distinct().Should().HaveCount(3000);
    }

    [Fact]
    public void Every_ten_consecutive_images_hold_each_class_once_in_changing_order()
    {
        using var set = SyntheticDigits.Train(1000);
        var blocks = Labels(set).Chunk(10).ToArray();
        blocks.Should().OnlyContain(block => block.Order().SequenceEqual(Enumerable.Range(0, 10).Select(i => (long)i)));
        blocks.Select(block => string.Concat(block)).Distinct().Count().Should().BeGreaterThan(95);
    }

    [Fact]
    public void A_set_describes_itself()
    {
        using var set = SyntheticDigits.Train(10);
        (set.Name, set.Provenance, set.Count).Should().Be(("Synthetic digits training set", Provenance.Generated, 10));
        set.ImageShape.Should().Equal(1, 28, 28);
        set.ClassNames.Should().HaveCount(10);
    }

    [Fact]
    public void Ink_is_bright_and_background_dark()
    {
        using var set = SyntheticDigits.Train(200);
        foreach (var image in Pixels(set).Chunk(784))
        {
            image.Order().ElementAt(392).Should().BeLessThan(60, "more than half of an image is background");
            image.Max().Should().BeGreaterThan(90, "every image has ink");
        }
    }

    [Fact]
    public void Classes_are_separable_but_not_by_their_mean_images()
    {
        using var scope = NewDisposeScope();
        using var train = SyntheticDigits.Train(1500);
        using var test = SyntheticDigits.Test(500);
        var images = train.Images().flatten(1);
        var means = stack(Enumerable.Range(0, 10).Select(c => images[train.Labels.eq(c)].mean([0])));
        var nearest = (means.square().sum(1) - (test.Images().flatten(1).mm(means.t()) * 2)).argmin(1);   // least ‖x − mean‖², less ‖x‖²
        var accuracy = nearest.eq(test.Labels).to_type(ScalarType.Float32).mean().ToDouble();
        accuracy.Should().BeInRange(0.5, 0.9);
    }

    [Fact]
    public void Impossible_sizes_are_refused_and_nothing_is_left_behind()
    {
        FluentActions.Invoking(() => SyntheticDigits.Train(0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 to 2,000,000*");
        FluentActions.Invoking(() => SyntheticDigits.Test(5, start: -1)).Should().Throw<ArgumentOutOfRangeException>();
        var before = Leaks.Live();
        SyntheticDigits.Train(20).Dispose();
        Leaks.Live().Should().Be(before);
    }

    private static byte[] Pixels(DataSet set) => set.Pixels.data<byte>().ToArray();

    private static long[] Labels(DataSet set) => set.Labels.data<long>().ToArray();

    private static string Sum(DataSet set) => Convert.ToHexStringLower(SHA256.HashData([.. Pixels(set), .. Labels(set).Select(l => (byte)l)]));
}
