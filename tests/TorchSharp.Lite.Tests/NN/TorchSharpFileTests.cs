using TorchSharp.Modules;
using static TorchSharp.Lite.Tests.NN.Expect;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class TorchSharpFileTests
{
    private static Sequential Network() => nn.Sequential(("conv", nn.Conv2d(1, 3, 3)), ("bn", nn.BatchNorm2d(3)), ("relu", nn.ReLU()),
        ("flat", nn.Flatten()), ("fc", nn.Linear(108, 5)));

    private static byte[] Saved(nn.Module module, IList<string>? skip = null)
    {
        using var stream = new MemoryStream();
        module.save(stream, skip);
        return stream.ToArray();
    }

    [Fact]
    public void Keys_are_those_of_TorchSharp_parameters_first()
    {
        using var network = Network();
        network.state_dict().Keys.Should().Equal(Written("keys").EnumerateArray().Select(key => key.GetString()));
    }

    [Fact]
    public void A_file_of_TorchSharp_gives_its_outputs()
    {
        using var network = Network();
        network.load(DataFile("sequential.dat"));
        network.eval();
        using var input = Shaped([4, 1, 8, 8], Written("input").Numbers());
        using var output = network.forward(input);
        output.shape.Should().Equal(4, 5);
        output.ShouldHoldWithin(2e-6f, Written("output_eval").Numbers());
    }

    [Fact]
    public void A_file_is_written_as_TorchSharp_writes_it_byte_for_byte()
    {
        using var network = Network();
        network.load(DataFile("sequential.dat"));
        Saved(network).Should().Equal(File.ReadAllBytes(DataFile("sequential.dat")));
    }

    [Fact]
    public void A_path_holds_the_same_bytes_as_a_stream()
    {
        var path = Path.GetTempFileName();
        using var network = Network();
        network.load(DataFile("sequential.dat"));
        network.save(path);
        File.ReadAllBytes(path).Should().Equal(File.ReadAllBytes(DataFile("sequential.dat")));
        File.Delete(path);
    }

    [Fact]
    public void A_large_shape_takes_several_bytes_per_dimension()
    {
        using var linear = nn.Linear(300, 1, hasBias: false);
        var bytes = Saved(linear);
        // one entry, "weight", Float32, two dimensions, 1, 300 = 0xAC 0x02 in LEB128
        bytes[..13].Should().Equal(1, 6, (byte)'w', (byte)'e', (byte)'i', (byte)'g', (byte)'h', (byte)'t', 6, 2, 1, 0xAC, 0x02);
        bytes.Should().HaveCount(13 + 4 * 300);
    }

    [Fact]
    public void Another_number_of_entries_is_an_error_unless_loading_is_not_strict()
    {
        using var network = nn.Sequential(("conv", nn.Conv2d(1, 3, 3)));
        var strict = () => network.load(DataFile("sequential.dat"));
        strict.Should().Throw<ArgumentException>().WithMessage("*expected 2, but found 9*");
        var loaded = new Dictionary<string, bool>();
        network.load(DataFile("sequential.dat"), strict: false, loadedParameters: loaded);
        loaded.Should().HaveCount(9);
        loaded.Where(entry => entry.Value).Select(entry => entry.Key).Should().Equal("conv.weight", "conv.bias");
        using var whole = Network();
        whole.load(DataFile("sequential.dat"));
        network.get_parameter("conv.weight")!.Values().Should().Equal(whole.get_parameter("conv.weight")!.Values());
    }

    [Fact]
    public void An_unknown_key_is_an_error()
    {
        using var source = nn.Sequential(("a", nn.Linear(2, 2)));
        using var target = nn.Sequential(("b", nn.Linear(2, 2)));
        var load = () => target.load(new MemoryStream(Saved(source)));
        load.Should().Throw<ArgumentException>().WithMessage("*a.weight*");
    }

    [Fact]
    public void Another_dtype_or_shape_is_an_error()
    {
        using var source = nn.Linear(2, 3);
        using var wide = nn.Linear(3, 3);
        using var exact = nn.Linear(2, 3, dtype: ScalarType.Float64);
        var bytes = Saved(source);
        ((Action)(() => wide.load(new MemoryStream(bytes)))).Should().Throw<ArgumentException>();
        ((Action)(() => exact.load(new MemoryStream(bytes)))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Skipped_entries_are_neither_written_nor_read()
    {
        using var source = nn.Linear(2, 3);
        using var target = nn.Linear(2, 3);
        var before = target.bias!.Values();
        target.load(new MemoryStream(Saved(source)), skip: ["bias"]);
        target.weight.Values().Should().Equal(source.weight.Values());
        target.bias!.Values().Should().Equal(before);
        Saved(source, skip: ["bias"]).Should().HaveCount(Saved(source).Length - "?bias".Length - 3 - 12);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        using var network = Network();
        var load = () => network.load("/no/such/file.dat");
        load.Should().Throw<FileNotFoundException>().WithMessage("*file.dat*");
    }

    [Fact]
    public void A_truncated_file_is_an_error()
    {
        using var network = Network();
        var bytes = File.ReadAllBytes(DataFile("sequential.dat"));
        var load = () => network.load(new MemoryStream(bytes[..^100]));
        load.Should().Throw<Exception>();
    }

    [Fact]
    public void Loading_and_saving_leave_no_tensor() => NoTensorLeft(() =>
    {
        using var network = Network();
        network.load(DataFile("sequential.dat"), skip: ["fc.bias"]);
        Saved(network);
    });
}
