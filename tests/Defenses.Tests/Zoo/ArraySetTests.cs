using Defenses.Evaluation;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class ArraySetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bytes_without_channels_become_one_channel_in_0_to_1()
    {
        using var scope = NewDisposeScope();
        using var set = ArraySet.FromNpy(SharedFiles.Copied("vendor/images_u8.npy"), SharedFiles.Copied("vendor/labels.npy"));
        set.ImageShape.Should().Equal(1, 28, 28);
        (set.Count, set.Name).Should().Be((25, "images_u8"));
        var (images, labels) = set.Batch([3, 1]);
        var expected = Npy.Read(SharedFiles.Copied("vendor/images_u8.npy")).to_type(ScalarType.Float32) / 255;
        images.eq(stack([expected[3], expected[1]]).unsqueeze(1)).all().ToBoolean().Should().BeTrue();
        labels.eq(Npy.Read(SharedFiles.Copied("vendor/labels.npy"))[tensor(new long[] { 3, 1 })]).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData("(2, 1, 3, 2)", new long[] { 1, 3, 2 }, 1)]
    [InlineData("(2, 2, 3, 1)", new long[] { 1, 2, 3 }, 1)]
    [InlineData("(2, 2, 1, 3)", new long[] { 3, 2, 1 }, 3)]
    [InlineData("(2, 6)", new long[] { 6 }, 1)]
    public void Channels_stand_first_whatever_the_file_has(string shape, long[] imageShape, int second)
    {
        using var scope = NewDisposeScope();
        var path = _folder.Write("x.npy", NpyBytes.Make("<f8", shape, NpyBytes.Bytes([.. Enumerable.Range(0, 12).Select(i => (double)i)])));
        using var set = ArraySet.FromNpy(path, Labels("<u2", "(2,)", NpyBytes.Bytes<ushort>(0, 4)));
        set.ImageShape.Should().Equal(imageShape);
        set.ClassNames.Should().Equal("0", "1", "2", "3", "4");
        var (images, labels) = set.Batch([1]);
        images.dtype.Should().Be(ScalarType.Float32);
        images.flatten()[0].ToSingle().Should().Be(6);
        images.flatten()[1].ToSingle().Should().Be(6 + second);
        labels.ToInt64().Should().Be(4);
    }

    [Fact]
    public void A_safetensors_file_gives_the_same_and_the_names_reach_the_evaluation()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(_folder.At("set.safetensors"),
            new Dictionary<string, Tensor> { ["images"] = ones(2, 1, 2, 2), ["labels"] = tensor(new[] { 1, 0 }), ["other"] = ones(1) });
        using var set = ArraySet.FromSafetensors(_folder.At("set.safetensors"), ["cat", "dog"]);
        var images = LabeledImages.From(set);
        (images.Name, images.ClassNames![1]).Should().Be(("set", "dog"));
        images.Read(0, 2).Labels.data<long>().ToArray().Should().Equal(1, 0);
        Leaks.None(() =>
        {
            using var again = ArraySet.FromSafetensors(_folder.At("set.safetensors"));
            var (x, y) = again.Batch([0]);
            x.Dispose();
            y.Dispose();
        });
    }

    public static TheoryData<string, string, byte[], string> BadLabels => new()
    {
        { "<i8", "(2, 1)", NpyBytes.Bytes(0L, 1), "labels of shape (2,)*has shape (2, 1)*labels.reshape(-1)" },
        { "<i8", "(2, 2)", NpyBytes.Bytes(1L, 0, 0, 1), "has shape (2, 2)*labels.argmax(1)" },
        { "<f4", "(2,)", NpyBytes.Bytes(0f, 1), "labels as integers*Float32*astype('int64')" },
        { "|b1", "(2,)", [0, 1], "labels as integers*Bool" },
        { "<i8", "(3,)", NpyBytes.Bytes(0L, 1, 2), "label for each of the 2 images, but holds 3" },
        { "<i8", "(2,)", NpyBytes.Bytes(-1L, 1), "labels from 0 to 2, but they reach from -1 to 1" },
        { "<i8", "(2,)", NpyBytes.Bytes(0L, 3), "labels from 0 to 2, but they reach from 0 to 3" },
    };

    [Theory]
    [MemberData(nameof(BadLabels))]
    public void Labels_that_are_off_are_refused_by_the_name_of_their_file(string descr, string shape, byte[] values, string message)
    {
        var images = _folder.Write("x.npy", NpyBytes.Make("|u1", "(2, 2, 2)", new byte[8]));
        var path = Labels(descr, shape, values);
        var before = Leaks.Live();
        FluentActions.Invoking(() => ArraySet.FromNpy(images, path, ["a", "b", "c"])).Should().Throw<InvalidDataException>().WithMessage($"*{path}*{message}*");
        Leaks.Live().Should().Be(before);
    }

    public static TheoryData<string, string, byte[], string> BadImages => new()
    {
        { "<i8", "(2, 2)", NpyBytes.Bytes(0L, 1, 2, 3), "uint8 (0 to 255) or floating point, but holds Int64*astype('uint8')" },
        { "<f4", "(2,)", NpyBytes.Bytes(0f, 1), "has shape (2)" },
        { "<f4", "(2, 1, 1, 1, 1)", NpyBytes.Bytes(0f, 1), "has shape (2, 1, 1, 1, 1)" },
        { "<f4", "(2, 3, 2, 1)", new byte[48], "channels may stand first or last*transpose(0, 3, 1, 2)" },
        { "<f4", "(0, 3)", [], "has shape (0, 3)" },
        { "<f4", "(2, 1)", NpyBytes.Bytes(0f, float.NaN), "NaN or infinite" },
    };

    [Theory]
    [MemberData(nameof(BadImages))]
    public void Images_that_are_off_are_refused_by_the_name_of_their_file(string descr, string shape, byte[] values, string message)
    {
        var path = _folder.Write("x.npy", NpyBytes.Make(descr, shape, values));
        FluentActions.Invoking(() => ArraySet.FromNpy(path, Labels("<i8", "(2,)", NpyBytes.Bytes(0L, 1)))).Should().Throw<InvalidDataException>()
            .WithMessage($"*{path}*{message}*");
    }

    [Fact]
    public void A_safetensors_file_without_images_or_labels_is_refused()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(_folder.At("a"), new Dictionary<string, Tensor> { ["x"] = ones(1) });
        FluentActions.Invoking(() => ArraySet.FromSafetensors(_folder.At("a"))).Should().Throw<InvalidDataException>()
            .WithMessage("*images and labels, but holds: x*");
    }

    private string Labels(string descr, string shape, byte[] values) => _folder.Write("y.npy", NpyBytes.Make(descr, shape, values));
}
