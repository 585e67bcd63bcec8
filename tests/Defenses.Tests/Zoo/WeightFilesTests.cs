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
            "*weights*nothing was changed: missing conv.bias, fc.bias; unexpected extra.weight; wrong shape fc.weight (4, 8) for (3, 8); "
            + "wrong type bn.weight Int64 for Float32. Names that differ: give LoadWeights a mapping from the file's to the network's.");
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

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("model.")]
    [InlineData("module._orig_mod.")]
    [InlineData("_orig_mod.module.model.")]
    public void Names_may_have_the_prefixes_that_wrappers_give(string prefix)
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        network.SaveWeights(_folder.At("file"), name => prefix + name);
        Loads(network, _folder.At("file"));
        network.SaveWeights(_folder.At("inner"), name => name.Replace("fc.", $"fc.{prefix}", StringComparison.Ordinal));
        using var other = Make(2);
        if (prefix.Contains("model.", StringComparison.Ordinal)) other.Invoking(n => n.LoadWeights(_folder.At("inner"))).Should().Throw<InvalidDataException>();
        else Loads(network, _folder.At("inner"));
    }

    [Fact]
    public void A_network_that_is_wrapped_takes_the_file_of_the_plain_one()
    {
        using var network = Make(1);
        using var wrapped = nn.Sequential(("model", Make(2)));
        network.SaveWeights(_folder.At("file"));
        wrapped.LoadWeights(_folder.At("file"));
        wrapped.state_dict()["model.fc.weight"].eq(network.state_dict()["fc.weight"]).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Two_tensors_of_the_file_for_one_weight_are_refused()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        var tensors = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value);
        tensors["module.fc.bias"] = zeros([3]);
        Safetensors.Write(_folder.At("file"), tensors);
        network.Invoking(n => n.LoadWeights(_folder.At("file"))).Should().Throw<InvalidDataException>().WithMessage("*unexpected module.fc.bias*is null for*");
    }

    [Fact]
    public void A_counter_of_batches_may_be_missing_or_of_shape_1()
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        var tensors = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        tensors["bn.num_batches_tracked"] = tensor([5L]);
        Safetensors.Write(_folder.At("one"), tensors);
        network.LoadWeights(_folder.At("one"));
        network.state_dict()["bn.num_batches_tracked"].ToInt64().Should().Be(5);
        tensors.Remove("bn.num_batches_tracked");
        Safetensors.Write(_folder.At("none"), tensors);
        network.LoadWeights(_folder.At("none"));
        network.state_dict()["bn.num_batches_tracked"].ToInt64().Should().Be(5);
        tensors["bn.num_batches_tracked"] = tensor([5L, 6L]);
        Safetensors.Write(_folder.At("two"), tensors);
        network.Invoking(n => n.LoadWeights(_folder.At("two"))).Should().Throw<InvalidDataException>()
            .WithMessage("*wrong shape bn.num_batches_tracked (2) for ()*Make the network as the file's was*");
    }

    [Fact]
    public void Weights_of_a_module_at_two_places_may_stand_in_the_file_once_or_twice_but_not_with_two_values()
    {
        using var scope = NewDisposeScope();
        using var shared = nn.Linear(2, 2, false);
        using var tied = nn.Sequential(("a", shared), ("b", shared));
        foreach (var names in new[] { new[] { "a" }, ["b"], ["a", "b"], ["module.b"] })
        {
            var value = (float)names[0].Length + names.Length;
            Safetensors.Write(_folder.At("file"), names.ToDictionary(name => $"{name}.weight", _ => full(2, 2, value)));
            tied.LoadWeights(_folder.At("file"));
            shared.weight!.eq(value).all().ToBoolean().Should().BeTrue(string.Join(", ", names));
        }

        Safetensors.Write(_folder.At("torn"), new Dictionary<string, Tensor> { ["a.weight"] = full(2, 2, 5f), ["b.weight"] = full(2, 2, 6f) });
        tied.Invoking(n => n.LoadWeights(_folder.At("torn"))).Should().Throw<InvalidDataException>()
            .WithMessage("*one weight of the network, but different in the file a.weight and b.weight. Untie*");
    }

    [Fact]
    public void A_name_that_safetensors_dropped_is_found_in_its_notes()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("a", nn.Linear(2, 2, false)), ("b", nn.Linear(2, 2, false)));
        Safetensors.Write(_folder.At("file"), new Dictionary<string, Tensor> { ["a.weight"] = ones(2, 2) },
            new Dictionary<string, string> { ["b.weight"] = "a.weight" });
        network.LoadWeights(_folder.At("file"));
        network.state_dict()["b.weight"].eq(1).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float64)]
    public void Pth_files_of_other_floating_types_load(ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("fc", nn.Linear(2, 1)));
        var tensors = new[] { ("module.fc.weight", tensor(new[] { 0.5f, -2 }, [1, 2]).to_type(type)), ("module.fc.bias", tensor(new[] { 3f }).to_type(type)) };
        network.LoadWeights(_folder.Write("file.pth", new PthFile().Nested("state_dict", tensors).ToArray()));
        network.state_dict()["fc.weight"].data<float>().ToArray().Should().Equal(0.5f, -2);
        network.state_dict()["fc.weight"].dtype.Should().Be(ScalarType.Float32);
    }

    [Theory]
    [InlineData("unexpected", "*unexpected fc.extra. Give LoadWeights a mapping that is null for tensors to leave out.")]
    [InlineData("missing", "*missing fc.bias. Save the whole state_dict of this network.")]
    [InlineData("shape", "*wrong shape fc.bias (7) for (3). Make the network as the file's was: with its classes, channels and sizes.")]
    [InlineData("other", "*missing bn.bias, bn.running_mean, bn.running_var, bn.weight, *; unexpected layer. Is it the file*")]
    public void Each_misfit_has_its_cure_in_one_line(string kind, string message)
    {
        using var scope = NewDisposeScope();
        using var network = Make(1);
        var tensors = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach());
        if (kind == "unexpected") tensors["fc.extra"] = ones(1);
        if (kind == "missing") tensors.Remove("fc.bias");
        if (kind == "shape") tensors["fc.bias"] = ones(7);
        if (kind == "other") tensors = new Dictionary<string, Tensor> { ["layer"] = ones(1) };
        Safetensors.Write(_folder.At("file"), tensors);
        network.Invoking(n => n.LoadWeights(_folder.At("file"))).Should().Throw<InvalidDataException>().WithMessage(message)
            .Which.Message.Should().NotContain("\n");
    }

    [Fact]
    public void The_hash_tells_weights_apart_and_is_that_of_the_numbers()
    {
        using var network = Make(1);
        using var other = Make(2);
        other.HashWeights().Should().NotBe(network.HashWeights()).And.HaveLength(64);
        network.SaveWeights(_folder.At("file"));
        other.LoadWeights(_folder.At("file"));
        other.HashWeights().Should().Be(network.HashWeights());
    }

    private static void Loads(Sequential network, string path)
    {
        using var other = Make(2);
        other.LoadWeights(path);
        foreach (var (key, weights) in network.state_dict()) other.state_dict()[key].eq(weights).all().ToBoolean().Should().BeTrue(key);
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
