using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class DataSetTests
{
    private static readonly string[] Names = ["even", "odd"];

    [Fact]
    public void Images_are_the_bytes_divided_by_255()
    {
        using var set = Make(4);
        using var images = set.Images();
        images.dtype.Should().Be(ScalarType.Float32);
        images.shape.Should().Equal(4, 1, 1, 2);
        images.data<float>().ToArray().Should().Equal(set.Pixels.data<byte>().ToArray().Select(b => b / 255f));
    }

    [Fact]
    public void A_range_and_a_list_of_numbers_give_the_same_images_as_the_whole()
    {
        using var set = Make(10);
        using var range = set.Images(3, 2);
        using var indices = tensor(new long[] { 4, 3 });
        using var list = set.Images(indices);
        range.data<float>().ToArray().Should().Equal(6 / 255f, 7 / 255f, 8 / 255f, 9 / 255f);
        list.data<float>().ToArray().Should().Equal(8 / 255f, 9 / 255f, 6 / 255f, 7 / 255f);
    }

    [Fact]
    public void A_batch_for_training_holds_images_and_labels_in_the_given_order()
    {
        using var set = Make(10);
        var (images, labels) = set.Batch([7, 0, 7]);
        using var _ = images;
        using var __ = labels;
        images.data<float>().ToArray().Should().Equal(14 / 255f, 15 / 255f, 0, 1 / 255f, 14 / 255f, 15 / 255f);
        labels.data<long>().ToArray().Should().Equal(1, 0, 1);
    }

    [Fact]
    public void A_slice_shares_memory_and_outlives_its_origin()
    {
        var set = Make(10);
        using var slice = set.Slice(5, 3);
        set.Pixels.fill_(9);
        set.Dispose();
        slice.Pixels.data<byte>().ToArray().Should().Equal(9, 9, 9, 9, 9, 9);
        slice.Labels.data<long>().ToArray().Should().Equal(1, 0, 1);
        (slice.Name, slice.ClassNames, slice.Provenance, slice.Count).Should().Be(("numbers", Names, Provenance.Generated, 3));
        slice.ImageShape.Should().Equal(1, 1, 2);
    }

    [Fact]
    public void Shuffling_draws_without_replacement_keeps_labels_with_images_and_depends_on_the_seed_only()
    {
        using var set = Make(100);
        using var all = set.Shuffled(100, seed: 1);
        using var some = set.Shuffled(7, seed: 1);
        using var other = set.Shuffled(100, seed: 2);
        First(all).Order().Should().Equal(Enumerable.Range(0, 100).Select(i => (byte)(2 * i)));
        First(all).Should().NotBeInAscendingOrder().And.NotEqual(First(other));
        First(some).Should().Equal(First(all)[..7]);
        First(all).Zip(all.Labels.data<long>().ToArray()).Should().OnlyContain(p => p.First / 2 % 2 == p.Second);
        First(all)[..5].Should().Equal(PinnedOrder, "the order must be the same on every machine");
    }

    [Fact]
    public void A_shuffle_is_uniform()
    {
        const int draws = 6000;
        var counts = new int[3, 3];
        for (var seed = 0UL; seed < draws; seed++)
        {
            var order = RandomOrder.First(3, 3, seed);
            for (var place = 0; place < 3; place++) counts[place, order[place]]++;
        }

        var error = 4 * Math.Sqrt(draws * (1 / 3d) * (2 / 3d));
        counts.Cast<int>().Should().OnlyContain(count => Math.Abs(count - (draws / 3d)) < error);
    }

    [Fact]
    public void Ranges_outside_the_set_are_refused()
    {
        using var set = Make(10);
        set.Invoking(s => s.Take(11)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 to 10*");
        set.Invoking(s => s.Take(0)).Should().Throw<ArgumentOutOfRangeException>();
        set.Invoking(s => s.Slice(10, 1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*0 to 9*");
        set.Invoking(s => s.Slice(-1, 1)).Should().Throw<ArgumentOutOfRangeException>();
        set.Invoking(s => s.Images(8, 3)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 to 2*");
        set.Invoking(s => s.Shuffled(11, 0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Tensors_that_break_the_rules_are_refused()
    {
        using var scope = NewDisposeScope();
        Tensor pixels = zeros([2, 1, 1, 2], ScalarType.Byte), labels = zeros([2], ScalarType.Int64);
        Making(zeros([2, 1, 1, 2]), labels).Should().Throw<ArgumentException>().WithMessage("pixels must be uint8*Float32*");
        Making(zeros([2, 2], ScalarType.Byte), labels).Should().Throw<ArgumentException>().WithMessage("*(N, C, H, W)*(2, 2)*");
        Making(pixels, zeros([3], ScalarType.Int64)).Should().Throw<ArgumentException>().WithMessage("labels must be int64 of shape (2,)*(3)*");
        Making(pixels, zeros([2], ScalarType.Int32)).Should().Throw<ArgumentException>().WithMessage("*Int32*");
        Making(pixels, labels + 2).Should().Throw<ArgumentException>().WithMessage("*0 to 1*from 2 to 2*");
    }

    [Fact]
    public void A_set_survives_the_scope_it_was_made_in_and_leaves_nothing_when_disposed()
    {
        var before = Leaks.Live();
        DataSet set;
        using (NewDisposeScope()) set = Make(3);
        set.Labels.data<long>().ToArray().Should().Equal(0, 1, 0);
        using (var slice = set.Slice(1, 2)) slice.Images().Dispose();
        using (var shuffled = set.Shuffled(2, 5)) shuffled.Count.Should().Be(2);
        set.Dispose();
        Leaks.Live().Should().Be(before);
    }

    private static byte[] First(DataSet set) => [.. set.Pixels.data<byte>().ToArray().Where((_, i) => i % 2 == 0)];

    // Image i has the pixels 2i and 2i + 1.
    private static DataSet Make(int count) => DataSet.FromBytes(
        "numbers", [.. Enumerable.Range(0, 2 * count).Select(i => (byte)i)], [1, 1, 2], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 2))], Names,
        Provenance.Generated);

    private static Func<DataSet> Making(Tensor pixels, Tensor labels) => () => new DataSet("bad", pixels, labels, Names);

    private static readonly byte[] PinnedOrder = [0x4A, 0x48, 0x4C, 0xC0, 0x6E];
}
