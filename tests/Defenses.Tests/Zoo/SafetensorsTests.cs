using System.Text;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_written_by_PyTorch_is_read()
    {
        using var file = Safetensors.Read(SharedFiles.Copied("mnist-cnn.safetensors"));
        file.Keys.Should().BeEquivalentTo(from layer in new[] { "conv1", "conv2", "conv3", "conv4", "fc1", "fc2", "fc3" }
            from part in new[] { "weight", "bias" } select $"{layer}.{part}");
        file["conv1.weight"].shape.Should().Equal(32, 1, 3, 3);
        file["fc1.weight"].shape.Should().Equal(200, 1024);
        file.Values.Should().OnlyContain(t => t.dtype == ScalarType.Float32);
        file.Invoking(f => f["fc4.bias"]).Should().Throw<KeyNotFoundException>().WithMessage("*fc4.bias*conv1.bias*");
    }

    [Fact]
    public void Every_type_comes_back_with_its_name_shape_and_values()
    {
        using var scope = NewDisposeScope();
        var numbers = tensor(new float[] { 0, 1, -2.5f, 100, 3, 0.125f }, [2, 3]);
        var written = new[] { ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64, ScalarType.Int32,
            ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool }
            .ToDictionary(type => $"as {type}", type => numbers.abs().to_type(type));
        written["scalar"] = tensor(7.5f);
        written["empty"] = zeros([0, 4]);
        written["ünï\"code\\"] = numbers.t();
        var path = _folder.At("all");
        Safetensors.Write(path, written, new Dictionary<string, string> { ["made by"] = "a test" });
        using var read = Safetensors.Read(path);
        read.Keys.Should().BeEquivalentTo(written.Keys);
        foreach (var (key, tensor) in written)
        {
            read[key].dtype.Should().Be(tensor.dtype);
            read[key].shape.Should().Equal(tensor.shape);
            if (tensor.numel() > 0) read[key].eq(tensor).all().ToBoolean().Should().BeTrue(key);
        }

        read.Metadata.Should().Equal(new Dictionary<string, string> { ["made by"] = "a test" });
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes_in_whatever_order()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones([3]), b = zeros([2], ScalarType.Byte), c = ones([1], ScalarType.Float64);
        Safetensors.Write(_folder.At("1"), new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b, ["c"] = c });
        Safetensors.Write(_folder.At("2"), new Dictionary<string, Tensor> { ["c"] = c, ["b"] = b, ["a"] = a });
        File.ReadAllBytes(_folder.At("1")).Should().Equal(File.ReadAllBytes(_folder.At("2")));
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(_folder.At("file"), new Dictionary<string, Tensor> { ["x"] = tensor(new float[] { 1, -2 }) });
        var file = File.ReadAllBytes(_folder.At("file"));
        var length = BitConverter.ToInt32(file);
        var header = Encoding.UTF8.GetString(file, 8, length);
        header.Should().MatchRegex(
            """^\{"__metadata__":\{"defenses.checksum":"defenses-sha256:[0-9a-f]{64}"\},"x":\{"dtype":"F32","shape":\[2\],"data_offsets":\[0,8\]\}\} *$""");
        (length % 8).Should().Be(0);
        file[(8 + length)..].Should().Equal(0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0);
        var zeroed = System.Text.RegularExpressions.Regex.Replace(header, "[0-9a-f]{64}", new string('0', 64));
        header.Should().Contain(Convert.ToHexStringLower(
            System.Security.Cryptography.SHA256.HashData([.. file[..8], .. Encoding.UTF8.GetBytes(zeroed), .. file[(8 + length)..]])));
    }

    [Fact]
    public void Any_flipped_bit_anywhere_is_refused()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(_folder.At("whole"), new Dictionary<string, Tensor> { ["x"] = tensor(new float[] { 1, -2 }), ["flag"] = tensor(new[] { true }) },
            new Dictionary<string, string> { ["format"] = "pt" });
        var whole = File.ReadAllBytes(_folder.At("whole"));
        var before = Leaks.Live();
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            Reading(_folder.Write("flipped", whole)).Should().Throw<InvalidDataException>($"bit {bit} is flipped");
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Leaks.Live().Should().Be(before);
        using var read = Safetensors.Read(_folder.Write("flipped", whole));
        read.Checksum.Should().MatchRegex("^[0-9a-f]{64}$");
        read.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "pt" });
    }

    [Fact]
    public void A_file_without_a_checksum_is_read_and_says_so()
    {
        using var file = Safetensors.Read(SharedFiles.Copied("mnist-cnn.safetensors"));
        file.Checksum.Should().BeNull();
    }

    [Fact]
    public void The_name_of_the_checksum_is_not_free() =>
        FluentActions.Invoking(() => Safetensors.Write(_folder.At("file"), new Dictionary<string, Tensor>(),
            new Dictionary<string, string> { ["defenses.checksum"] = "x" })).Should().Throw<ArgumentException>().WithMessage("*defenses.checksum*");

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "truncated*8 bytes of data*7 are there")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "must end after the 8 bytes*1 more follow")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "F32 of shape (2)*gives it 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "begin and end*[8, 0]")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8,9]}}""", 8, "begin and end")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6,
        "overlap*'y' begins at byte 2*before 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}""", 9,
        "gaps*'y' begins at byte 5*after 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'x' twice")]
    [InlineData("""{"x":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "F64, F32*'x' is of type F8_E4M3")]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,4]}}""", 4, "'x'*no dtype")]
    [InlineData("""{"x":[1]}""", 4, "'x'*no dtype")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "shape of 'x'*whole numbers of at least 0")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "shape of 'x'*whole numbers")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":"all"}}""", 4, "data_offsets of 'x'*list")]
    [InlineData("""{"x":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,8]}}""", 8, "as many bytes as its elements need")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "text under names")]
    [InlineData("""{"__metadata__":"a"}""", 0, "text under names")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "damaged")]
    [InlineData("""[1,2]""", 0, "JSON object as header")]
    [InlineData("""{"x":{"dtype":"F32",""", 0, "damaged")]
    public void A_header_that_breaks_a_rule_is_refused_with_the_rule(string header, int data, string message)
    {
        var before = Leaks.Live();
        var path = Write(header, data);
        Reading(path).Should().Throw<InvalidDataException>().WithMessage($"*{path}*{message}*");
        Leaks.Live().Should().Be(before);
    }

    [Fact]
    public void A_missing_folder_and_a_folder_in_place_of_a_file_are_refused_and_nothing_is_made()
    {
        using var x = zeros(1);
        Action Writing(string path) => () => Safetensors.Write(path, new Dictionary<string, Tensor> { ["x"] = x });
        Writing(_folder.At("no/file")).Should().Throw<DirectoryNotFoundException>().WithMessage("*no*create it*");
        Writing(_folder.Path).Should().Throw<IOException>().WithMessage("*is a folder*");
        Directory.EnumerateFileSystemEntries(_folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_length_of_the_header_that_cannot_be_is_refused()
    {
        Reading(_folder.Write("a", [1, 2, 3])).Should().Throw<InvalidDataException>().WithMessage("*only 3*");
        Reading(_folder.Write("b", [100, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8])).Should().Throw<InvalidDataException>()
            .WithMessage("*truncated*100 bytes of header*2 follow*");
        Reading(_folder.Write("c", [255, 255, 255, 255, 255, 255, 255, 255, .. "{}"u8])).Should().Throw<InvalidDataException>()
            .WithMessage("*at most 100000000*18446744073709551615*");
        Reading(_folder.At("none")).Should().Throw<FileNotFoundException>();
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused_and_leaves_no_tensor()
    {
        using var scope = NewDisposeScope();
        Safetensors.Write(_folder.At("whole"), new Dictionary<string, Tensor> { ["x"] = ones([5]), ["y"] = ones([3]) });
        var whole = File.ReadAllBytes(_folder.At("whole"));
        var before = Leaks.Live();
        for (var length = 0; length < whole.Length; length++)
            Reading(_folder.Write("cut", whole[..length])).Should().Throw<InvalidDataException>($"only {length} of {whole.Length} bytes are there");
        Leaks.Live().Should().Be(before);
    }

    [Fact]
    public void A_truth_value_that_is_neither_is_refused()
    {
        var path = Write("""{"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", 0);
        File.AppendAllBytes(path, [1, 2]);
        Reading(path).Should().Throw<InvalidDataException>().WithMessage("*0 or 1*'x'*");
    }

    [Fact]
    public void Tensors_that_the_format_cannot_hold_are_refused_before_anything_is_written()
    {
        using var scope = NewDisposeScope();
        Writing("__metadata__", ones([1])).Should().Throw<ArgumentException>().WithMessage("*__metadata__*");
        Writing("x", ones([1], ScalarType.ComplexFloat32)).Should().Throw<ArgumentException>().WithMessage("*'x' is ComplexFloat32*");
        _folder.Files.Should().BeEmpty();
    }

    [Fact]
    public void What_is_read_survives_the_scope_and_leaves_nothing_when_disposed()
    {
        var before = Leaks.Live();
        NamedTensors file;
        using (NewDisposeScope()) file = Safetensors.Read(SharedFiles.Copied("mnist-cnn.safetensors"));
        file["fc3.bias"].shape.Should().Equal(10);
        file.Dispose();
        Leaks.Live().Should().Be(before);
    }

    private static Func<NamedTensors> Reading(string path) => () => Safetensors.Read(path);

    private Action Writing(string key, Tensor tensor) => () => Safetensors.Write(_folder.At("file"), new Dictionary<string, Tensor> { [key] = tensor });

    private string Write(string header, int data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        return _folder.Write("file", [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[data]]);
    }
}
