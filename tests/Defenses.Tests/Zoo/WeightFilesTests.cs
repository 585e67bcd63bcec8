using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class WeightFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_saved_and_loaded_are_the_same_bit_for_bit_buffers_included()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        using var other = Make(2);
        network.train();
        network.call(ones([3, 1, 4, 4]));
        network.SaveWeights(_folder.At("weights"));
        other.LoadWeights(_folder.At("weights"));
        var (expected, actual) = (network.state_dict(), other.state_dict());
        actual.Keys.Should().BeEquivalentTo(expected.Keys).And.Contain("bn.running_mean");
        foreach (var (key, weights) in expected) actual[key].eq(weights).all().ToBoolean().Should().BeTrue(key);
    }

    [Fact]
    public void Loading_keeps_the_parameters_trainable_and_leaves_no_tensor()
    {
        using var network = Make(1);
        network.SaveWeights(_folder.At("weights"));
        network.LoadWeights(_folder.At("weights"));
        var before = Leaks.Live();
        network.SaveWeights(_folder.At("weights"));
        network.LoadWeights(_folder.At("weights"));
        Leaks.Live().Should().Be(before);
        network.parameters().Should().OnlyContain(p => p.requires_grad && p.is_leaf);
    }

    [Fact]
    public void Names_can_be_mapped_in_both_directions_and_left_out()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        using var other = Make(2);
        network.SaveWeights(_folder.At("weights"), name => $"model.{name}");
        using (var file = Safetensors.Read(_folder.At("weights"))) file.Keys.Should().OnlyContain(key => key.StartsWith("model.", StringComparison.Ordinal));
        other.LoadWeights(_folder.At("weights"), key => key["model.".Length..]);
        other.state_dict()["fc.weight"].eq(network.state_dict()["fc.weight"]).all().ToBoolean().Should().BeTrue();
        using var half = nn.Sequential(("fc", nn.Linear(8, 3)));
        half.LoadWeights(_folder.At("weights"), key => key.StartsWith("model.fc", StringComparison.Ordinal) ? key["model.".Length..] : null);
        half.state_dict()["fc.bias"].eq(network.state_dict()["fc.bias"]).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_file_that_does_not_fit_is_refused_with_everything_that_is_wrong_and_nothing_is_changed()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var tensors = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().add(1));
        tensors.Remove("conv.bias");
        tensors.Remove("fc.bias");
        tensors["extra.weight"] = ones([1]);
        tensors["fc.weight"] = ones([4, 8]);
        tensors["bn.weight"] = ones([2], ScalarType.Int64);
        Safetensors.Write(_folder.At("weights"), tensors);
        network.Invoking(n => n.LoadWeights(_folder.At("weights"))).Should().Throw<InvalidDataException>().WithMessage(
            "*weights*nothing was changed*Missing in the file:\n  conv.bias\n  fc.bias\nUnexpected in the file:\n  extra.weight\n"
            + "Wrong shapes:\n  fc.weight: (4, 8) in the file, (3, 8) in the network\nWrong types:\n  bn.weight: Int64 in the file, Float32 in the network");
        foreach (var (key, weights) in network.state_dict()) before[key].eq(weights).all().ToBoolean().Should().BeTrue(key);
    }

    [Fact]
    public void A_mapping_that_sends_two_tensors_to_one_name_is_refused()
    {
        using var network = Make(1);
        network.SaveWeights(_folder.At("weights"));
        network.Invoking(n => n.LoadWeights(_folder.At("weights"), key => key.Replace("conv", "fc", StringComparison.Ordinal)))
            .Should().Throw<InvalidDataException>().WithMessage("*fc.bias, which another tensor of the file has already*");
        network.Invoking(n => n.SaveWeights(_folder.At("other"), _ => "same")).Should().Throw<ArgumentException>().WithMessage("*'same' to two*");
        _folder.Files.Should().Equal("weights");
    }

    [Fact]
    public void Half_precision_files_load_into_single_precision_networks()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        Safetensors.Write(_folder.At("half"), network.state_dict().ToDictionary(
            entry => entry.Key, entry => entry.Value.is_floating_point() ? entry.Value.to_type(ScalarType.Float16) : entry.Value));
        var expected = network.state_dict()["fc.weight"].to_type(ScalarType.Float16).to_type(ScalarType.Float32);
        network.LoadWeights(_folder.At("half"));
        network.state_dict()["fc.weight"].eq(expected).all().ToBoolean().Should().BeTrue();
    }

    private static Sequential Make(long shift)
    {
        var network = nn.Sequential(
            ("conv", nn.Conv2d(1, 2, 3)), ("bn", nn.BatchNorm2d(2)), ("flatten", nn.Flatten()), ("fc", nn.Linear(8, 3)));
        using var frozen = no_grad();
        foreach (var weights in network.parameters()) weights.add_(shift);
        return network;
    }
}
