using TorchSharp.Modules;
using static TorchSharp.Lite.Tests.NN.Expect;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class LayerTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    private static Tensor Ramp(params long[] shape) => arange(shape.Aggregate(1L, (a, b) => a * b), dtype: ScalarType.Float32).reshape(shape);

    private static T With<T>(T layer, float weight, float bias) where T : nn.Module
    {
        foreach (var (name, parameter) in layer.named_parameters()) nn.init.constant_(parameter, name.EndsWith("weight") ? weight : bias);
        return layer;
    }

    [Fact]
    public void Linear_is_a_matrix_product_plus_a_bias()
    {
        using var linear = nn.Linear(nn.Parameter(Shaped([2, 3], 1, 2, 3, 4, 5, 6)), nn.Parameter(Floats(10, 20)));
        linear.forward(Shaped([1, 3], 1, 0, -1)).ShouldHold(8, 18);
        (linear.in_features, linear.out_features).Should().Be((3, 2));
        using var plain = nn.Linear(3, 2, hasBias: false);
        plain.bias.Should().BeNull();
        plain.weight.shape.Should().Equal(2, 3);
    }

    [Fact]
    public void Convolution_sums_products_over_windows()
    {
        using var convolution = With(nn.Conv2d(1, 1, 2), 1, 0.5f);
        convolution.forward(Ramp(1, 1, 3, 3)).ShouldHold(8.5f, 12.5f, 20.5f, 24.5f);
        convolution.weight.shape.Should().Equal(1, 1, 2, 2);
        (convolution.in_channels, convolution.out_channels).Should().Be((1, 1));
    }

    [Fact]
    public void Convolution_has_stride_padding_dilation_and_groups()
    {
        using var strided = With(nn.Conv2d(1, 1, (2, 1), stride: (2, 3), padding: (1, 0)), 1, 0);
        strided.forward(Ramp(1, 1, 3, 4)).ShouldHold(0, 3, 12, 18);
        using var dilated = With(nn.Conv2d(1, 1, 2, dilation: 2), 1, 0);
        dilated.forward(Ramp(1, 1, 3, 3)).ShouldHold(0 + 2 + 6 + 8);
        using var grouped = With(nn.Conv2d(2, 2, 1, groups: 2), 1, 0);
        grouped.weight.shape.Should().Equal(2, 1, 1, 1);
        grouped.forward(Shaped([1, 2, 1, 1], 3, 5)).ShouldHold(3, 5);
        using var same = With(nn.Conv2d(1, 1, 3, Padding.Same, bias: false), 1, 0);
        same.forward(ones(1, 1, 3, 3)).ShouldHold(4, 6, 4, 6, 9, 6, 4, 6, 4);
        using var reflected = With(nn.Conv2d(1, 1, (1, 3), padding: (0, 1), padding_mode: PaddingModes.Reflect), 1, 0);
        reflected.forward(Shaped([1, 1, 1, 3], 1, 2, 4)).ShouldHold(2 + 1 + 2, 7, 2 + 4 + 2);
    }

    [Fact]
    public void Convolution_refuses_an_input_of_another_shape()
    {
        using var convolution = nn.Conv2d(3, 1, 2);
        var forward = () => convolution.forward(ones(1, 1, 4, 4));
        forward.Should().Throw<ArgumentException>().WithMessage("*3 channels*");
    }

    [Theory]
    [InlineData(1L, 1L, 0L)]
    [InlineData(1L, 2L, 1L)]
    [InlineData(3L, 1L, 1L)]
    public void Convolution_agrees_with_double_precision_in_value_gradients_and_second_gradients(long channels, long stride, long padding)
    {
        var (input, weight, bias) = (rand(2, channels, 6, 5), rand([3, channels, 2, 3]), rand(3));
        Tensor[] Derivatives(ScalarType type)
        {
            Tensor[] leaves = [.. new[] { input, weight, bias }.Select(leaf => leaf.to(type, copy: true).requires_grad_())];
            var output = nn.functional.conv2d(leaves[0], leaves[1], leaves[2], [stride, stride], [padding, padding]);
            var first = autograd.grad([output.pow(2).sum()], leaves, retain_graph: true, create_graph: true);
            var second = autograd.grad([first[0].pow(2).sum()], leaves);
            return [output, .. first, .. second];
        }
        foreach (var (single, exact) in Derivatives(ScalarType.Float32).Zip(Derivatives(ScalarType.Float64)))
            single.ShouldHoldWithin(2e-5f, exact.Values());
    }

    [Fact]
    public void Convolution_of_a_line()
    {
        using var convolution = With(nn.Conv1d(1, 1, 2, padding: 1), 1, 0);
        convolution.forward(Shaped([1, 1, 3], 1, 2, 3)).ShouldHold(1, 3, 5, 3);
        using var same = With(nn.Conv1d(1, 1, 3, Padding.Same), 1, 0);
        same.forward(Shaped([1, 1, 3], 1, 2, 3)).ShouldHold(3, 6, 5);
    }

    [Fact]
    public void Batch_norm_standardises_by_the_batch_in_training_and_by_its_averages_in_evaluation()
    {
        using var norm = nn.BatchNorm2d(1);
        var input = Shaped([2, 1, 1, 2], 1, 2, 3, 6);   // mean 3, variance 3.5, unbiased 14/3
        var scale = MathF.Sqrt(3.5f + 1e-5f);
        norm.forward(input).ShouldHold(-2 / scale, -1 / scale, 0, 3 / scale);
        norm.running_mean!.ShouldHold(0.3f);
        norm.running_var!.ShouldHold(0.9f + 0.1f * 14 / 3);
        norm.num_batches_tracked!.ToInt64().Should().Be(1);
        norm.eval();
        var evaluated = MathF.Sqrt(0.9f + 0.1f * 14 / 3 + 1e-5f);
        norm.forward(input).ShouldHold(0.7f / evaluated, 1.7f / evaluated, 2.7f / evaluated, 5.7f / evaluated);
        norm.running_mean!.ShouldHold(0.3f);
        norm.reset_running_stats();
        norm.running_var!.ShouldHold(1);
    }

    [Fact]
    public void Batch_norm_without_averages_uses_the_batch_always_and_needs_more_than_one_value()
    {
        using var norm = nn.BatchNorm1d(1, affine: false, track_running_stats: false);
        norm.eval();
        norm.state_dict().Should().BeEmpty();
        norm.forward(Shaped([2, 1], -1, 1)).ShouldHoldWithin(1e-4f, -1, 1);
        norm.train();
        ((Action)(() => norm.forward(ones(1, 1)))).Should().Throw<Exception>();
        ((Action)(() => norm.forward(ones(1, 1, 1, 1)))).Should().Throw<ArgumentException>().WithMessage("*4D*");
    }

    [Fact]
    public void Pools_take_the_largest_or_the_mean_of_windows()
    {
        nn.MaxPool2d(2).forward(Ramp(1, 1, 4, 4)).ShouldHold(5, 7, 13, 15);
        nn.MaxPool2d((1, 2), stride: (2, 1)).forward(Ramp(1, 1, 3, 3)).ShouldHold(1, 2, 7, 8);
        nn.MaxPool2d(2, padding: 1, ceil_mode: true).forward(Ramp(1, 1, 3, 3)).ShouldHold(0, 2, 6, 8);
        nn.MaxPool2d(2).forward_with_indices(Ramp(1, 1, 2, 2)).Indices.ToInt64().Should().Be(3);
        nn.AvgPool2d(2).forward(Ramp(1, 1, 4, 4)).ShouldHold(2.5f, 4.5f, 10.5f, 12.5f);
        nn.AvgPool2d(3, stride: 1, padding: 1, count_include_pad: false).forward(ones(1, 1, 2, 2)).ShouldHold(1, 1, 1, 1);
        nn.AvgPool2d(2, divisor_override: 1).forward(Ramp(1, 1, 2, 2)).ShouldHold(6);
        nn.AdaptiveAvgPool2d(1).forward(Ramp(1, 2, 2, 2)).ShouldHold(1.5f, 5.5f);
        nn.AdaptiveAvgPool2d((1, 2)).forward(Ramp(1, 1, 2, 2)).ShouldHold(1, 2);
    }

    [Fact]
    public void Shapes_are_flattened_and_restored()
    {
        nn.Flatten().forward(Ramp(2, 3, 4)).shape.Should().Equal(2, 12);
        nn.Flatten(0, 1).forward(Ramp(2, 3, 4)).shape.Should().Equal(6, 4);
        nn.Unflatten(1, [3, 4]).forward(Ramp(2, 12)).shape.Should().Equal(2, 3, 4);
        nn.PixelShuffle(2).forward(Ramp(1, 4, 1, 1)).ShouldHold(0, 1, 2, 3);
        nn.ZeroPad2d((1, 0, 0, 1)).forward(ones(1, 1, 1, 1)).ShouldHold(0, 1, 0, 0);
        nn.ZeroPad2d(1).forward(ones(1, 1, 1, 1)).ShouldHold(0, 0, 0, 0, 1, 0, 0, 0, 0);
    }

    [Fact]
    public void Upsampling_repeats_or_interpolates()
    {
        var input = Shaped([1, 1, 1, 2], 0, 4);
        nn.Upsample(scale_factor: [2]).forward(input).ShouldHold(0, 0, 4, 4, 0, 0, 4, 4);
        nn.Upsample(size: [1, 4], mode: UpsampleMode.Bilinear).forward(input).ShouldHold(0, 1, 3, 4);
        nn.functional.interpolate(input, [1, 3], mode: InterpolationMode.Bilinear, align_corners: true).ShouldHold(0, 2, 4);
        nn.functional.interpolate(input, [1, 1], mode: InterpolationMode.Area).ShouldHold(2);
    }

    [Fact]
    public void Activations_are_their_formulas()
    {
        var input = Floats(-2, 0, 1, 7);
        float[] Map(Func<double, double> f) => [.. new double[] { -2, 0, 1, 7 }.Select(x => (float)f(x))];
        nn.ReLU().forward(input).ShouldHold(0, 0, 1, 7);
        nn.ReLU6().forward(input).ShouldHold(0, 0, 1, 6);
        nn.LeakyReLU(0.1).forward(input).ShouldHold(-0.2f, 0, 1, 7);
        nn.ELU(2).forward(input).ShouldHold(Map(x => x > 0 ? x : 2 * (Math.Exp(x) - 1)));
        nn.SELU().forward(input).ShouldHold(Map(x => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1))));
        nn.SiLU().forward(input).ShouldHold(Map(x => x / (1 + Math.Exp(-x))));
        nn.Mish().forward(input).ShouldHold(Map(x => x * Math.Tanh(Math.Log(1 + Math.Exp(x)))));
        nn.GELU().forward(input).ShouldHold(-0.0455003f, 0, 0.8413447f, 7);
        nn.Sigmoid().forward(input).ShouldHold(Map(x => 1 / (1 + Math.Exp(-x))));
        nn.Tanh().forward(input).ShouldHold(Map(Math.Tanh));
        nn.Hardtanh(-1, 2).forward(input).ShouldHold(-1, 0, 1, 2);
        nn.Softplus(2).forward(input).ShouldHold(Map(x => Math.Log(1 + Math.Exp(2 * x)) / 2));
        nn.Identity().forward(input).ShouldHold(-2, 0, 1, 7);
        nn.Softmax(0).forward(Floats(0, MathF.Log(3))).ShouldHold(0.25f, 0.75f);
        nn.LogSoftmax(0).forward(Floats(0, MathF.Log(3))).ShouldHold(MathF.Log(0.25f), MathF.Log(0.75f));
        nn.functional.softmax(Floats(0, 0), 0, ScalarType.Float64).dtype.Should().Be(ScalarType.Float64);
    }

    [Fact]
    public void In_place_activations_change_their_input()
    {
        var input = Floats(-1, 2);
        var output = nn.ReLU(inplace: true).forward(input);
        output.Should().NotBeSameAs(input);
        input.ShouldHold(0, 2);
        output.ShouldHold(0, 2);
        nn.functional.tanh(input, inplace: true);
        input.ShouldHold(0, MathF.Tanh(2));
    }

    [Fact]
    public void Dropout_zeroes_or_rescales_in_training_and_does_nothing_in_evaluation()
    {
        const int count = 10_000;
        using var dropout = nn.Dropout(0.25);
        var output = dropout.forward(ones(count)).Values();
        output.Should().OnlyContain(y => y == 0 || Math.Abs(y - 4 / 3f) < 1e-6f);
        output.Count(y => y == 0).Should().BeInRange(2500 - 4 * 44, 2500 + 4 * 44);   // σ = √(n p q) = 43.3
        dropout.eval();
        dropout.forward(ones(count)).Values().Should().OnlyContain(y => y == 1);
        using var channels = nn.Dropout2d(0.5);
        var mean = channels.forward(ones(1, 200, 3, 3)).mean([2, 3]).Values();
        mean.Should().OnlyContain(y => y == 0 || y == 2);
    }

    [Fact]
    public void Functions_without_a_layer_are_their_formulas()
    {
        nn.functional.one_hot(tensor(new long[] { 1, 0 }), 3).ShouldHold(0, 1, 0, 1, 0, 0);
        nn.functional.normalize(Shaped([1, 2], 3, 4)).ShouldHold(0.6f, 0.8f);
        nn.functional.cosine_similarity(Shaped([1, 2], 1, 0), Shaped([1, 2], 3, 4)).ShouldHold(0.6f);
        nn.functional.pad(Floats(1, 2, 3), [1, 1], value: 9).ShouldHold(9, 1, 2, 3, 9);
        nn.functional.pad(Shaped([1, 1, 3], 1, 2, 3), (2, 0), PaddingModes.Reflect).ShouldHold(3, 2, 1, 2, 3);
        nn.functional.pad(Shaped([1, 1, 3], 1, 2, 3), (1, 1), PaddingModes.Circular).ShouldHold(3, 1, 2, 3, 1);
        nn.functional.pad(Shaped([1, 1, 3], 1, 2, 3), (1, 1), PaddingModes.Replicate).ShouldHold(1, 1, 2, 3, 3);
        var columns = nn.functional.unfold(Ramp(1, 1, 2, 3), 2);
        columns.shape.Should().Equal(1, 4, 2);
        columns.ShouldHold(0, 1, 1, 2, 3, 4, 4, 5);
        nn.functional.fold(columns, (2, 3), (2, 2)).ShouldHold(0, 2, 2, 3, 8, 5);
        nn.functional.leaky_relu(Floats(-1)).ShouldHold(-0.01f);
        nn.functional.avg_pool2d(Ramp(1, 1, 2, 2), 2).ShouldHold(1.5f);
        nn.functional.max_pool2d(Ramp(1, 1, 2, 2), 2).ShouldHold(3);
        nn.functional.layer_norm(Floats(-1, 1), [2]).ShouldHoldWithin(1e-4f, -1, 1);
        nn.functional.conv_transpose2d(ones(1, 1, 1, 1), Ramp(1, 1, 2, 2)).ShouldHold(0, 1, 2, 3);
    }

    [Fact]
    public void Layers_leave_no_tensor() => NoTensorLeft(() =>
    {
        using var input = rand(2, 3, 6, 6, requires_grad: true);
        nn.Module<Tensor, Tensor>[] layers =
        [
            nn.Conv2d(3, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect), nn.BatchNorm2d(3), nn.MaxPool2d(2), nn.AvgPool2d(2),
            nn.AdaptiveAvgPool2d(2), nn.Dropout(), nn.Dropout2d(), nn.Flatten(), nn.ReLU(), nn.Identity(), nn.Softmax(1), nn.ZeroPad2d(1),
            nn.Upsample(scale_factor: [2, 2]), nn.Sequential(nn.Tanh(), nn.Sigmoid(), nn.GELU()),
        ];
        foreach (var layer in layers)
        {
            using (layer)
            using (var output = layer.call(input))
            using (var sum = output.sum()) sum.backward();
        }
        using var normal = nn.functional.normalize(input);
    });
}
