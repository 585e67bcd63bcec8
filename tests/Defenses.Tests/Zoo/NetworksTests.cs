using Defenses.Layers;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class NetworksTests
{
    private static readonly Dictionary<string, (Func<ulong, nn.Module<Tensor, Tensor>> Make, long[] Image)> All = new()
    {
        [nameof(Networks.HrsMnist)] = (seed => Networks.HrsMnist(seed), [1, 28, 28]),
        [nameof(Networks.HrsCifar10)] = (seed => Networks.HrsCifar10(seed), [3, 32, 32]),
        [nameof(Networks.LeNetLike)] = (seed => Networks.LeNetLike(seed), [1, 28, 28]),
        [nameof(Networks.AlexLike)] = (seed => Networks.AlexLike(seed), [3, 32, 32]),
        [nameof(Networks.RandomSpikingMnist)] = (seed => Networks.RandomSpikingMnist(seed), [1, 28, 28]),
        [nameof(Networks.FeinmanMnist)] = (seed => Networks.FeinmanMnist(seed), [1, 28, 28]),
        [nameof(Networks.FeinmanSvhn)] = (seed => Networks.FeinmanSvhn(seed), [3, 32, 32]),
        [nameof(Networks.FeinmanCifar10)] = (seed => Networks.FeinmanCifar10(seed), [3, 32, 32]),
        [nameof(Networks.WideResNet34x4)] = (seed => Networks.WideResNet34x4(seed), [3, 32, 32]),
        [nameof(Networks.MobileNetV2)] = (seed => Networks.MobileNetV2(seed), [3, 32, 32]),
        ["WRN-10-1"] = (seed => Networks.WideResNet(seed, 10, 1), [3, 32, 32]),
        ["MobileNetV2, a quarter"] = (seed => Networks.MobileNetV2(seed, 0.25), [3, 32, 32]),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    // HRS: Wang et al. 2019. LeNet-like to Feinman: Σ (kernel + bias) over the layers that the papers list. WRN-34-4: the same with
    // biased convolutions. MobileNetV2: 2.3 million in the public CIFAR version, 2,296,922 exactly. A quarter: channels 8, 8, 8, 8, 16, 24, 40, 80, 1280.
    [Theory]
    [InlineData(nameof(Networks.HrsMnist), 269_992 + 42_210)]
    [InlineData(nameof(Networks.HrsCifar10), 1_079_616 + 68_362)]
    [InlineData(nameof(Networks.LeNetLike), 260 + 5_020 + 38_520 + 10_890 + 910)]
    [InlineData(nameof(Networks.AlexLike), 1_079_616 + 68_362)]
    [InlineData(nameof(Networks.RandomSpikingMnist), 320 + 9_248 + 18_496 + 36_928 + 627_400 + 40_200 + 2_010)]
    [InlineData(nameof(Networks.FeinmanMnist), 640 + 36_928 + 1_179_776 + 1_290)]
    [InlineData(nameof(Networks.FeinmanSvhn), 1_792 + 36_928 + 6_423_040 + 65_664 + 1_290)]
    [InlineData(nameof(Networks.FeinmanCifar10), 896 + 9_248 + 18_496 + 36_928 + 73_856 + 147_584 + 2_098_176 + 524_800 + 5_130)]
    [InlineData(nameof(Networks.WideResNet34x4), 7_404_074)]
    [InlineData(nameof(Networks.MobileNetV2), 2_296_922)]
    [InlineData("WRN-10-1", 78_186)]
    [InlineData("MobileNetV2, a quarter", 254_794)]
    public void A_network_has_as_many_parameters_as_its_paper_says(string name, long count)
    {
        using var network = All[name].Make(1);
        network.parameters().Sum(p => p.numel()).Should().Be(count);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_network_maps_images_to_ten_logits_in_both_modes_and_leaves_no_tensor(string name)
    {
        var before = Leaks.Live();
        using (var images = ones([2, .. All[name].Image]))
        using (var network = All[name].Make(1))
        {
            var made = Leaks.Live();
            foreach (var training in new[] { true, false })
            {
                network.train(training);
                using var scope = NewDisposeScope();
                var logits = network.call(images);
                logits.shape.Should().Equal(2, 10);
                logits.isfinite().all().ToBoolean().Should().BeTrue();
            }

            Leaks.Live().Should().Be(made);
        }

        Leaks.Live().Should().Be(before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others(string name)
    {
        using var scope = NewDisposeScope();
        using var network = All[name].Make(5);
        using var same = All[name].Make(5);
        using var other = All[name].Make(6);
        foreach (var (key, weights) in network.state_dict())
        {
            same.state_dict()[key].eq(weights).all().ToBoolean().Should().BeTrue(key);
            if (key.EndsWith("conv1.weight", StringComparison.Ordinal)) Equal(other.state_dict()[key], weights).Should().BeLessThan(1e-3, key);
        }
    }

    [Fact]
    public void Keras_initialisation_is_uniform_within_the_bound_of_Glorot_and_Bengio_and_biases_are_zero()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.HrsMnist(3);
        var state = network.state_dict();
        state.Where(entry => entry.Key.EndsWith("bias", StringComparison.Ordinal)).Should().OnlyContain(entry => entry.Value.eq(0).all().ToBoolean());
        IsUniform(state["conv4.weight"], Math.Sqrt(6.0 / ((64 * 9) + (64 * 9))));
        IsUniform(state["fc1.weight"], Math.Sqrt(6.0 / (1024 + 200)));
        IsUniform(state["fc3.weight"], Math.Sqrt(6.0 / (200 + 10)));
    }

    [Fact]
    public void PyTorch_initialisation_is_uniform_within_the_inverse_root_of_the_inputs()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.AlexLike(3);
        IsUniform(network.state_dict()["conv3.weight"], 1 / Math.Sqrt(64 * 9));
        IsUniform(network.state_dict()["fc1.weight"], 1 / Math.Sqrt(3200));
        IsUniform(network.state_dict()["fc1.bias"], 1 / Math.Sqrt(3200));
    }

    [Fact]
    public void He_initialisation_is_a_normal_of_the_right_variance_cut_at_two_deviations()
    {
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(4);
        var kernel = zeros([256, 128, 3, 3]);
        Initializations.HeNormal(kernel, null, random);
        var deviation = Math.Sqrt(2.0 / (128 * 9));
        var n = kernel.numel();
        kernel.mean().ToDouble().Should().BeApproximately(0, 4 * deviation / Math.Sqrt(n));
        // Var(x²) of a normal cut at ±2: E x⁴ − (E x²)² with E x² = 0.773741, E x⁴ = 1.393484, relative to (E x²)².
        (kernel.square().mean().ToDouble() / (deviation * deviation)).Should()
            .BeApproximately(1, 4 * Math.Sqrt((1.393484 / (0.773741 * 0.773741)) - 1) / Math.Sqrt(n));
        kernel.abs().max().ToDouble().Should().BeInRange(1.98 * deviation / 0.8796257, 2.0001 * deviation / 0.8796257);
    }

    [Fact]
    public void Dropout_acts_while_training_only_and_its_stream_follows_from_the_seed()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.HrsMnist(1);
        using var same = Networks.HrsMnist(1);
        using var without = Networks.HrsMnist(1, dropout: 0);
        var images = ones([4, 1, 28, 28]);
        network.train();
        same.train();
        without.train();
        var first = network.call(images);
        network.call(images).eq(first).all().ToBoolean().Should().BeFalse("every call draws");
        same.call(images).eq(first).all().ToBoolean().Should().BeTrue();
        without.named_children().Select(child => child.name).Should().NotContain("dropout");
        network.eval();
        network.call(images).eq(without.call(images)).all().ToBoolean().Should().BeTrue();
        network.named_children().Single(child => child.name == "dropout").module.Should().BeOfType<DefensiveDropout>().Which.Rate.Should().Be(0.3);
    }

    [Fact]
    public void Layers_are_named_as_documented()
    {
        using var network = Networks.HrsMnist(1);
        network.Should().BeOfType<Sequential>();
        network.named_children().Select(child => child.name).Should().Equal(
            "conv1", "relu1", "conv2", "relu2", "pool1", "conv3", "relu3", "conv4", "relu4", "pool2",
            "flatten", "fc1", "relu5", "dropout", "fc2", "relu6", "fc3");
        using var wide = Networks.WideResNet34x4(1);
        wide.state_dict().Keys.Should()
            .Contain(["conv1.bias", "group1.0.body.conv1.weight", "group1.0.shortcut.weight", "group3.4.body.bn2.running_mean", "fc1.weight"])
            .And.NotContain("group1.1.shortcut.weight");
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void A_dropout_rate_outside_its_range_is_refused_before_anything_is_made(double rate)
    {
        var before = Leaks.Live();
        foreach (var make in new Action[]
        {
            () => Networks.HrsMnist(1, rate), () => Networks.HrsCifar10(1, rate), () => Networks.LeNetLike(1, rate), () => Networks.AlexLike(1, rate),
            () => Networks.RandomSpikingMnist(1, rate), () => Networks.FeinmanMnist(1, rate), () => Networks.FeinmanSvhn(1, rate),
            () => Networks.FeinmanCifar10(1, rate), () => Networks.WideResNet28x10(1, dropout: rate), () => Networks.WideResNet34x4(1, rate),
            () => HrsBlocks.Mnist(2, rate), () => HrsBlocks.Cifar10(2, rate),
        })
            make.Should().Throw<ArgumentOutOfRangeException>().WithMessage("dropout must lie in [0, 1)*");
        FluentActions.Invoking(() => Networks.WideResNet28x10(1, channels: 0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("channels*");
        FluentActions.Invoking(() => Networks.WideResNet(1, depth: 12, width: 1)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("depth must be 6·n + 4*");
        FluentActions.Invoking(() => Networks.WideResNet(1, depth: 10, width: 0)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("width*");
        FluentActions.Invoking(() => Networks.MobileNetV2(1, width: double.NaN)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("width*");
        Leaks.Live().Should().Be(before);
    }

    // The share of equal elements: with 24 bits a number, a few are equal at random.
    private static double Equal(Tensor a, Tensor b) => a.eq(b).to_type(ScalarType.Float32).mean().ToDouble();

    // Within ±bound, and mean and variance as of a uniform distribution, within four standard errors.
    private static void IsUniform(Tensor weights, double bound)
    {
        var n = weights.numel();
        weights.abs().max().ToDouble().Should().BeInRange(bound * (1 - (40.0 / n)), bound * 1.000001);
        weights.mean().ToDouble().Should().BeApproximately(0, 4 * bound / Math.Sqrt(3.0 * n));
        weights.square().mean().ToDouble().Should().BeApproximately(bound * bound / 3, 4 * bound * bound * Math.Sqrt(4.0 / 45 / n));
    }
}
