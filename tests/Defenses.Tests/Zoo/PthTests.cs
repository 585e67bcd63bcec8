using System.IO.Compression;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

/// <summary>The .pth files of <see cref="WeightFiles"/>: what is read, and what is said about files that are not.</summary>
public sealed class PthTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SharedFact("reference/models/mnist-cnn.pth")]
    public void A_file_that_PyTorch_wrote_holds_the_numbers_of_the_safetensors_file() => HoldsTheNumbers("mnist-cnn.pth");

    [SharedFact("reference/models/mnist-cnn-checkpoint.pth")]
    public void So_does_a_checkpoint_of_a_training_on_several_devices() => HoldsTheNumbers("mnist-cnn-checkpoint.pth");

    [SharedFact("reference/models/mnist-cnn-checkpoint.pth")]
    public void A_network_of_the_zoo_loads_each_of_the_formats()
    {
        using var expected = ReferenceNetwork.Load();
        foreach (var name in new[] { "mnist-cnn.pth", "mnist-cnn-checkpoint.pth" })
        {
            using var network = ReferenceNetwork.Load();
            using (no_grad()) foreach (var weights in network.parameters()) weights.zero_();
            network.LoadWeights(SharedFiles.Find($"reference/models/{name}"));
            network.HashWeights().Should().Be(expected.HashWeights());
        }
    }

    private static void HoldsTheNumbers(string name)
    {
        var path = SharedFiles.Find($"reference/models/{name}");
        using var expected = Safetensors.Read(SharedFiles.Copied("mnist-cnn.safetensors"));
        using var read = WeightFiles.ReadWeights(path);
        read.Keys.Select(key => key.Replace("module.", "", StringComparison.Ordinal)).Should().BeEquivalentTo(expected.Keys);
        foreach (var (key, weights) in read)
            weights.eq(expected[key.Replace("module.", "", StringComparison.Ordinal)]).all().ToBoolean().Should().BeTrue(key);
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model_state_dict")]
    [InlineData("model")]
    public void Weights_are_found_alone_and_inside_a_dictionary_and_the_ending_does_not_matter(string key)
    {
        using var scope = NewDisposeScope();
        var value = arange(6, dtype: ScalarType.Float32).reshape(2, 3);
        foreach (var bytes in new[] { new PthFile().Tensors(("x", value)).ToArray(), new PthFile().Nested(key, ("x", value)).ToArray() })
        {
            using var read = WeightFiles.ReadWeights(_folder.Write("weights.bin", bytes));
            read.Keys.Should().Equal("x");
            read["x"].eq(value).all().ToBoolean().Should().BeTrue();
        }
    }

    [Fact]
    public void Every_floating_type_and_scalars_are_read_and_nothing_is_left_behind()
    {
        using var scope = NewDisposeScope();
        var numbers = tensor(new float[] { 1, -2.5f, 0.125f });
        var types = new[] { ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16 };
        var tensors = types.Select(type => ($"{type}", numbers.to_type(type))).Append(("scalar", tensor(7L))).ToArray();
        var path = _folder.Write("all.pth", new PthFile().Tensors(tensors).ToArray());
        using (var read = WeightFiles.ReadWeights(path))
        {
            foreach (var (name, value) in tensors)
            {
                read[name].dtype.Should().Be(value.dtype);
                read[name].shape.Should().Equal(value.shape);
                read[name].eq(value).all().ToBoolean().Should().BeTrue(name);
            }
        }

        Leaks.None(() => WeightFiles.ReadWeights(path).Dispose());
    }

    [Fact]
    public void A_storage_that_two_tensors_share_gives_both()
    {
        var file = new PthFile();
        var key = file.Store([.. new float[] { 0, 1, 2, 3, 4, 5 }.SelectMany(BitConverter.GetBytes)]);
        file.Op('}', '(').Text("a").View(key, "FloatStorage", 6, 0, [2, 3], [3, 1]).Text("b").View(key, "FloatStorage", 6, 0, [6], [1]).Op('u');
        using var read = WeightFiles.ReadWeights(_folder.Write("shared.pth", file.ToArray()));
        read["a"].data<float>().ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
        read["b"].data<float>().ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
    }

    public static TheoryData<string, string> BadFiles => new()
    {
        { "legacy", "before PyTorch 1.6*save it again with torch.save" },
        { "torchscript", "TorchScript program*torch.jit.load" },
        { "no pickle", "one data.pkl*holds 0" },
        { "cut", "whole ZIP archive*Fetch it again" },
        { "compressed", "without compression*is compressed*save it again" },
        { "big endian", "little-endian*'big'" },
        { "function", "state_dict of plain tensors*pickle cannot be read*posix.system*model.state_dict()" },
        { "class", "pickle cannot be read*mymodule.Net" },
        { "slice", "pickle cannot be read*contiguous().clone()" },
        { "transposed", "pickle cannot be read*contiguous().clone()" },
        { "short storage", "pickle cannot be read" },
        { "huge", "pickle cannot be read" },
        { "list", "pickle cannot be read" },
        { "no tensors", "hold tensors, alone or under state_dict, model_state_dict, model*only the keys: epoch, net*state_dict() alone" },
        { "itself", "only the keys: model" },
        { "flipped", "checksum*archive/data/0*bytes have changed" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_file_that_is_not_read_is_named_with_the_rule_and_the_cure_in_one_line(string kind, string message)
    {
        using var scope = NewDisposeScope();
        var path = _folder.Write("bad.pth", Bad(kind));
        var before = Leaks.Live();
        FluentActions.Invoking(() => WeightFiles.ReadWeights(path)).Should().Throw<InvalidDataException>().WithMessage($"*{path}*{message}*")
            .Which.Message.Should().NotContain("\n");
        Leaks.Live().Should().Be(before);
    }

    [Fact]
    public void Any_flipped_bit_is_refused_or_changes_no_number()
    {
        using var scope = NewDisposeScope();
        var value = tensor(new float[] { 1, -2 });
        var whole = new PthFile().Tensors(("x", value)).ToArray();
        var refused = 0;
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                using var read = WeightFiles.ReadWeights(_folder.Write("flipped.pth", damaged));
                read.Keys.Should().Equal("x");
                read["x"].eq(value).all().ToBoolean().Should().BeTrue($"bit {bit}");
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        refused.Should().BeGreaterThan(whole.Length * 8 / 4);
    }

    private static byte[] Bad(string kind)
    {
        var good = new PthFile().Tensors(("x", ones([4]))).ToArray();
        var views = new PthFile();
        var key = views.Store(new byte[24]);
        views.Op('}').Text("x");
        switch (kind)
        {
            case "legacy": return [0x80, 2, 0x8A, 10, 0x6C, 0xFC];
            case "torchscript": return new PthFile().Tensors(("x", ones([4]))).ToArray(("code/__torch__.py", "class"));
            case "no pickle": return Zip("readme.txt");
            case "cut": return good[..(good.Length / 2)];
            case "compressed": return new PthFile { Level = CompressionLevel.SmallestSize }.Tensors(("x", ones([400]))).ToArray();
            case "big endian": return new PthFile().Tensors(("x", ones([4]))).ToArray(("byteorder", "big"));
            case "function": return new PthFile().Op('}').Text("x").Call("posix", "system", "true").Op('s').ToArray();
            case "class": return new PthFile().Call("mymodule", "Net", "").ToArray();
            case "slice": return views.View(key, "FloatStorage", 6, 2, [2], [1]).Op('s').ToArray();
            case "transposed": return views.View(key, "FloatStorage", 6, 0, [3, 2], [1, 3]).Op('s').ToArray();
            case "short storage": return views.View(key, "FloatStorage", 12, 0, [12], [1]).Op('s').ToArray();
            case "huge": return views.View(key, "FloatStorage", 6, 0, [1 << 24, 1 << 24], [0, 0]).Op('s').ToArray();
            case "list": return new PthFile().Op(']').ToArray();
            case "no tensors": return new PthFile().Op('}').Text("net").Tensors().Op('s').Text("epoch").Op('K', (char)3).Op('s').ToArray();
            case "itself": return new PthFile().Op('}', 'q', (char)0).Text("model").Op('h', (char)0, 's').ToArray();
            default:
                good[Find(good, BitConverter.GetBytes(1f))] ^= 1;
                return good;
        }
    }

    private static int Find(byte[] file, byte[] part) => file.AsSpan().IndexOf(part);

    private static byte[] Zip(string name)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true)) zip.CreateEntry(name);
        return file.ToArray();
    }
}
