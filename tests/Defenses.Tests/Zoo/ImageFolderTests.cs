using Defenses.Evaluation;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_and_pictures_are_ordered_by_name_at_any_depth()
    {
        Fill();
        var folder = new ImageFolder(_folder.Path);
        folder.ClassNames.Should().Equal("Zebra", "ant", "bee");
        folder.Files.Select(file => (file.Path, file.Label)).Should().Equal(
            ("Zebra/a.png", 0), ("ant/10.png", 1), ("ant/9.PNG", 1), ("ant/deep/1.png", 1), ("bee/x.jpeg", 2));
        folder.Count.Should().Be(5);
        folder.ImageShape.Should().Equal(3, 2, 3);
        folder.Name.Should().Be(Path.GetFileName(_folder.Path));
    }

    [Fact]
    public void A_batch_holds_the_pictures_asked_for_and_leaves_no_tensor()
    {
        Fill();
        var folder = new ImageFolder(_folder.Path, new PictureOptions { Grey = true });
        var (images, labels) = folder.Batch([3, 0]);
        using (images) using (labels)
        {
            images.shape.Should().Equal(2, 1, 2, 3);
            images.mul(255).round().flatten().data<float>().ToArray().Should().Equal([.. Enumerable.Repeat(4f, 6), .. Enumerable.Repeat(1f, 6)]);
            labels.data<long>().ToArray().Should().Equal(1, 0);
        }

        Leaks.None(() =>
        {
            var (x, y) = folder.Batch([1]);
            x.Dispose();
            y.Dispose();
        });
        folder.Invoking(f => f.Batch([5])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*0 to 4*5*");
    }

    [Fact]
    public void The_names_of_the_classes_reach_the_evaluation_and_memory_is_that_of_a_block()
    {
        Fill();
        var images = LabeledImages.From(new ImageFolder(_folder.Path) { Name = "animals" });
        (images.Name, images.Count).Should().Be(("animals", 5));
        images.ClassNames.Should().Equal("Zebra", "ant", "bee");
        var (x, y) = images.Read(1, 2);
        using (x) using (y) (x.shape[0], y.data<long>().ToArray().Sum()).Should().Be((2, 2));
        using var all = new ImageFolder(_folder.Path).ToDataSet();
        (all.Count, all.ClassNames.Count).Should().Be((5, 3));
    }

    [Fact]
    public void Class_names_that_are_given_decide_the_numbers()
    {
        Fill();
        new ImageFolder(_folder.Path, classNames: ["cat", "bee", "ant", "Zebra"]).Files.Select(file => file.Label).Should().Equal(1, 2, 2, 2, 3);
        Opening(["bee", "ant"]).Throw<InvalidDataException>().WithMessage("*'Zebra' is not one of: bee, ant*");
        Opening(["bee", "bee"]).Throw<ArgumentException>().WithMessage("*twice*");
    }

    [Fact]
    public void Hashes_tell_other_lists_and_other_contents()
    {
        Fill();
        var (list, content) = (new ImageFolder(_folder.Path).ListHash, new ImageFolder(_folder.Path).HashContent());
        _folder.Write("ant/9.PNG", PngBytes.Of(2, 3, (_, _) => 99));
        new ImageFolder(_folder.Path).HashContent().Should().NotBe(content).And.HaveLength(64);
        _folder.Write("ant/9.PNG", PngBytes.Of(2, 3, (_, _) => 3));
        new ImageFolder(_folder.Path).HashContent().Should().Be(content);
        File.Move(_folder.At("ant/9.PNG"), _folder.At("bee/9.PNG"));
        new ImageFolder(_folder.Path).ListHash.Should().NotBe(list);
    }

    public static TheoryData<string, byte[], string> BadFiles => new()
    {
        { "empty.png", [], "empty (0 bytes)" },
        { "text.png", "hello"u8.ToArray(), "must be a PNG picture, but begins with other bytes (68656C6C6F)" },
        { "page.jpg", "<html>"u8.ToArray(), "must be a JPEG picture" },
        { "photo.png", [0xFF, 0xD8, 0xFF, 0xE0, 0, 0], "name of a PNG picture, but its content is JPEG. Rename it to .jpg" },
        { "drawing.jpg", PngBytes.Of(2, 3, (_, _) => 0), "name of a JPEG picture, but its content is PNG. Rename it to .png" },
        { "old.bmp", [1], "must be PNG or JPEG. Convert it" },
        { "animated.gif", [1], "must be PNG or JPEG" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_file_that_is_no_picture_is_named_when_the_folder_is_opened(string name, byte[] content, string message)
    {
        Fill();
        _folder.Write($"ant/{name}", content);
        Opening().Throw<InvalidDataException>().WithMessage($"*1 file(s)*'ant/{name}'*{message}*");
    }

    public static TheoryData<string, byte[], string> DamagedFiles => new()
    {
        { "cut.png", PngBytes.Of(2, 3, (_, _) => 7)[..45], "damaged or cut off" },
        { "start.png", PngBytes.Of(2, 3, (_, _) => 7)[..8], "damaged or cut off" },
        { "flipped.png", Flipped(), "damaged or cut off" },
        { "cut.jpg", Jpeg()[..^60], "damaged or cut off" },
        { "start.jpg", Jpeg()[..4], "damaged or cut off" },
        { "other.png", PngBytes.Of(3, 3, (_, _) => 7), "must have 2×3 pixels, as 'Zebra/a.png' has, but has 3×3. Give the options a size or a crop" },
        { "bomb.png", PngBytes.Make(1_000_000, 8, PngBytes.Grey, [.. Enumerable.Repeat(Array.Empty<byte>(), 1000)]),
            "at most 178956970 pixels, but announces 1000000×1000" },
    };

    [Theory]
    [MemberData(nameof(DamagedFiles))]
    public void A_damaged_picture_is_named_with_its_path_when_it_is_read_and_by_Verify(string name, byte[] content, string message)
    {
        Fill();
        _folder.Write($"ant/{name}", content);
        var folder = new ImageFolder(_folder.Path);
        var index = folder.Files.ToList().FindIndex(file => file.Path == $"ant/{name}");
        var before = Leaks.Live();
        folder.Invoking(f => f.Batch([index])).Should().Throw<InvalidDataException>().WithMessage($"*{name}*{message}*");
        Leaks.Live().Should().Be(before);
        folder.Invoking(f => f.Verify()).Should().Throw<InvalidDataException>().WithMessage($"*1 file(s)*{name}*{message}*");
        File.Delete(_folder.At($"ant/{name}"));
        new ImageFolder(_folder.Path).Verify();
    }

    [Fact]
    public void A_folder_that_is_no_set_is_refused_with_what_to_do()
    {
        FluentActions.Invoking(() => new ImageFolder(_folder.At("none"))).Should().Throw<DirectoryNotFoundException>()
            .WithMessage("*none*folder for each class*");
        Opening().Throw<InvalidDataException>().WithMessage("*holds no folder*");
        _folder.Write("ant/readme.txt", [1]);
        Opening().Throw<InvalidDataException>().WithMessage("*'ant' must hold a PNG or JPEG picture, but holds none*");
        _folder.Write("ant/1.png", PngBytes.Of(2, 3, (_, _) => 0));
        Opening().NotThrow();
        _folder.Write("stray.png", PngBytes.Of(2, 3, (_, _) => 0));
        Opening().Throw<InvalidDataException>().WithMessage("*stray.png*beside the folders*Move it*");
    }

    [Fact]
    public void Hidden_files_and_folders_are_left_out()
    {
        Fill();
        _folder.Write("ant/._9.png", [1]);
        _folder.Write(".git/x.png", [1]);
        new ImageFolder(_folder.Path).Count.Should().Be(5);
    }

    [Fact]
    public void Pictures_of_several_sizes_become_one_by_the_options()
    {
        Fill();
        _folder.Write("ant/large.png", PngBytes.Of(40, 50, (_, _) => 7));
        var folder = new ImageFolder(_folder.Path, new PictureOptions { ShortSide = 8, Crop = 6 });
        folder.ImageShape.Should().Equal(3, 6, 6);
        folder.Verify();
    }

    private FluentAssertions.Specialized.FunctionAssertions<ImageFolder> Opening(IReadOnlyList<string>? names = null) =>
        FluentActions.Invoking(() => new ImageFolder(_folder.Path, classNames: names)).Should();

    private void Fill()
    {
        _folder.Write("Zebra/a.png", PngBytes.Of(2, 3, (_, _) => 1));
        _folder.Write("ant/10.png", PngBytes.Of(2, 3, (_, _) => 2));
        _folder.Write("ant/9.PNG", PngBytes.Of(2, 3, (_, _) => 3));
        _folder.Write("ant/deep/1.png", PngBytes.Of(2, 3, (_, _) => 4));
        _folder.Write("bee/x.jpeg", Jpeg());
        _folder.Write("bee/notes.txt", [1]);
    }

    private static byte[] Jpeg()
    {
        using var bitmap = SKBitmap.Decode(PngBytes.Of(2, 3, (y, x) => 40 * (x + y)));
        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 100);
        return data.ToArray();
    }

    private static byte[] Flipped()
    {
        var file = PngBytes.Of(2, 3, (_, _) => 7);
        file[file.AsSpan().IndexOf("IDAT"u8) + 8] ^= 16;
        return file;
    }
}
