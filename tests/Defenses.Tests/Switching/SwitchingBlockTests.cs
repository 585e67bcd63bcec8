using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Switching;

public sealed class SwitchingBlockTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    public void Per_sample_each_row_is_what_its_own_channel_makes_of_it(int rows)
    {
        using var block = Block(5, SwitchPer.Sample);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var x = randn(rows, 4);
        var every = stack(block.Channels.Select(channel => channel.call(x)).ToList());   // (channels, rows, 3)
        var taken = new HashSet<int>();
        for (var pass = 0; pass < 20; pass++)
        {
            var error = (block.call(x).unsqueeze(0) - every).abs().amax(2);   // (channels, rows)
            error.amin(0).max().ToDouble().Should().BeLessThan(1e-6, "each row must be the output of one channel");
            taken.UnionWith(error.argmin(0).data<long>().Select(channel => (int)channel));
        }
        taken.Should().HaveCount(rows == 1 ? taken.Count : 5);
        if (rows > 1) block.ActiveChannel.Should().BeNull();
    }

    [Fact]
    public void Per_sample_a_row_depends_on_no_other_row()
    {
        using var block = Block(5, SwitchPer.Sample);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var x = randn(40, 4);
        block.Reseed(3);
        var first = block.call(x);
        var changed = x.clone();
        changed.narrow(0, 20, 20).fill_(float.NaN);
        block.Reseed(3);
        var second = block.call(changed);
        second.narrow(0, 0, 20).equal(first.narrow(0, 0, 20)).all().ToBoolean().Should().BeTrue();
        second.narrow(0, 20, 20).isnan().all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void Gradients_of_input_and_weights_are_those_of_the_channels_taken(SwitchPer per)
    {
        using var block = Block(3, per).to(ScalarType.Float64);
        using var scope = NewDisposeScope();
        var x = randn(7, 4, dtype: ScalarType.Float64).requires_grad_(true);
        Tensor Loss(Tensor at)
        {
            block.Reseed(8);
            return block.call(at).pow(2).sum();
        }
        Loss(x).backward();
        FiniteDifferences(x, x.grad!, Loss);
        foreach (var parameter in block.parameters())
            if (parameter.grad is { } gradient) FiniteDifferences(parameter, gradient, _ => Loss(x));
            else FiniteDifferences(parameter, zeros_like(parameter), _ => Loss(x));
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void Only_the_channels_taken_are_computed_each_once(SwitchPer per)
    {
        var channels = Enumerable.Range(0, 4).Select(_ => new Counter()).ToArray();
        using var block = new SwitchingBlock(channels, per);
        using var x = ones(100, 2);
        for (var pass = 1; pass <= 10; pass++)
        {
            block.call(x).Dispose();
            channels.Sum(channel => channel.Rows).Should().Be(100 * pass);
            if (per == SwitchPer.Batch) channels.Sum(channel => channel.Calls).Should().Be(pass);
            channels.Max(channel => channel.Calls).Should().BeLessThanOrEqualTo(pass);
        }
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void Channels_are_drawn_uniformly(SwitchPer per)
    {
        const int channels = 10, draws = 20000;
        var counters = Enumerable.Range(0, channels).Select(_ => new Counter()).ToArray();
        using var block = new SwitchingBlock(counters, per);
        block.Reseed(1);
        var rows = per == SwitchPer.Batch ? 1 : 200;
        using var x = ones(rows, 1);
        for (var drawn = 0; drawn < draws; drawn += rows) block.call(x).Dispose();
        const double expected = draws / (double)channels;
        counters.Sum(counter => Math.Pow(counter.Rows - expected, 2) / expected).Should().BeLessThan(channels - 1 + 4 * Math.Sqrt(2 * (channels - 1)));
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void A_numbered_draw_is_one_channel_for_any_batch(SwitchPer per)
    {
        using var block = Block(6, per);
        using var x = randn(30, 4);
        using var noGrad = no_grad();
        var taken = new HashSet<int>();
        for (var draw = 0L; draw < 60; draw++)
        {
            using var scope = NewDisposeScope();
            using var fix = block.FixDraw(draw);
            var whole = block.call(x);
            var channel = block.ActiveChannel!.Value;
            taken.Add(channel);
            (whole - block.Channels[channel].call(x)).abs().max().ToDouble().Should().Be(0);
            (block.call(x.narrow(0, 10, 5)) - whole.narrow(0, 10, 5)).abs().max().ToDouble().Should().BeLessThan(1e-6);
            block.ActiveChannel.Should().Be(channel);
        }
        taken.Should().HaveCount(6);
    }

    [Fact]
    public void Without_randomness_it_is_channel_0()
    {
        using var block = Block(3, SwitchPer.Sample);
        using var x = randn(5, 4);
        using var scope = NewDisposeScope();
        using (block.DisableRandomness()) (block.call(x) - block.Channels[0].call(x)).abs().max().ToDouble().Should().Be(0);
        block.ActiveChannel.Should().Be(0);
    }

    [Fact]
    public void Straight_through_gradients_are_those_of_the_channel_drawn()
    {
        using var block = Block(4, SwitchPer.Batch);
        using var scope = NewDisposeScope();
        Tensor Gradient(bool surrogate)
        {
            block.Reseed(2);
            block.UseSurrogate = surrogate;
            var x = ones(1, 4).requires_grad_(true);
            block.call(x).pow(2).sum().backward();
            return x.grad!;
        }
        (Gradient(true) - Gradient(false)).abs().max().ToDouble().Should().Be(0);
    }

    [Theory]
    [InlineData(SwitchPer.Batch)]
    [InlineData(SwitchPer.Sample)]
    public void Works_on_no_example_and_on_views_and_leaves_no_tensor_behind(SwitchPer per)
    {
        using var block = Block(3, per);
        using var none = zeros(0, 4);
        using (var output = block.call(none)) output.shape.Should().Equal(0, 3);
        using var wide = randn(4, 6);
        using var view = wide.transpose(0, 1);
        using (var output = block.call(view)) output.shape.Should().Equal(6, 3);
        Leaks.None(() => block.call(view).Dispose());
        using var same = new SwitchingBlock([nn.Identity()], per);
        Leaks.None(() => same.call(view).Dispose());
        view.IsInvalid.Should().BeFalse("a channel may return its input");
    }

    [Fact]
    public void Keys_of_weights_begin_with_the_number_of_the_channel()
    {
        using var block = Block(2, SwitchPer.Batch);
        block.state_dict().Keys.Should().Equal("0.weight", "0.bias", "1.weight", "1.bias");
    }

    [Fact]
    public void Bad_input_is_refused_with_its_reason()
    {
        using var linear = nn.Linear(2, 2);
        var make = (IReadOnlyList<nn.Module<Tensor, Tensor>> channels, SwitchPer per) => new SwitchingBlock(channels, per);
        make.Invoking(m => m(null!, SwitchPer.Batch)).Should().Throw<ArgumentNullException>();
        make.Invoking(m => m([], SwitchPer.Batch)).Should().Throw<ArgumentException>().WithMessage("*at least one*");
        make.Invoking(m => m([linear, linear], SwitchPer.Batch)).Should().Throw<ArgumentException>().WithMessage("*twice*");
        make.Invoking(m => m([linear, null!], SwitchPer.Batch)).Should().Throw<ArgumentNullException>().WithParameterName("channels[1]");
        make.Invoking(m => m([linear], (SwitchPer)7)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("per");
    }

    private static SwitchingBlock Block(int channels, SwitchPer per)
    {
        var block = new SwitchingBlock([.. Enumerable.Range(0, channels).Select(i => Nets.Linear(4, 3, (ulong)i + 1))], per);
        block.Reseed(1);
        return block;
    }

    private static void FiniteDifferences(Tensor at, Tensor gradient, Func<Tensor, Tensor> loss)
    {
        using var noGrad = no_grad();
        var (values, slopes) = (at.view(-1), gradient.contiguous().view(-1));
        for (var i = 0L; i < values.numel(); i++)
        {
            var (value, slope) = (values[i].ToDouble(), slopes[i].ToDouble());
            values[i] = tensor(value + 1e-6, dtype: ScalarType.Float64);
            var above = loss(at).ToDouble();
            values[i] = tensor(value - 1e-6, dtype: ScalarType.Float64);
            var below = loss(at).ToDouble();
            values[i] = tensor(value, dtype: ScalarType.Float64);
            ((above - below) / 2e-6).Should().BeApproximately(slope, 1e-5 * Math.Max(1, Math.Abs(slope)));
        }
    }

    private sealed class Counter() : nn.Module<Tensor, Tensor>(nameof(Counter))
    {
        internal int Calls { get; private set; }

        internal long Rows { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Calls++;
            Rows += x.shape[0];
            return x.alias();
        }
    }
}
