using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Randomness;

public sealed class DrawFoldingTests
{
    [Fact]
    public void The_part_before_the_first_layer_runs_once_and_the_rows_come_draw_by_draw()
    {
        using var scope = NewDisposeScope();
        var (counter, after) = (new Counter(), new Counter());
        var network = nn.Sequential(("before", counter), ("noise", Seeded(new GaussianNoise(0.01))), ("after", after));
        var x = tensor(new[] { 10.0f, 20, 30 }).unsqueeze(1);
        var folded = DrawFolding.Run(network, x, 4);
        (counter.Rows, after.Rows).Should().Be((3, 12));
        Numbers.Of(folded).Select(value => Math.Round(value / 10)).Should().Equal(1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3);
        Numbers.Of(folded).Should().OnlyHaveUniqueItems("every draw of every example is its own");
    }

    [Fact]
    public void Folded_draws_have_the_law_of_separate_ones()
    {
        using var scope = NewDisposeScope();
        var network = nn.Sequential(("scale", new Counter()), ("first", Seeded(new DefensiveDropout(0.3))), ("second", Seeded(new GaussianNoise(0.5))));
        var x = tensor(new[] { 1.0f, -2 }).unsqueeze(0);
        const int Draws = 4000;
        var folded = DrawFolding.Run(network, x, Draws);
        var separate = cat([.. Enumerable.Range(0, Draws).Select(_ => network.call(x))]);
        foreach (var power in new[] { 1, 2 })
        {
            var (a, b) = (folded.pow(power), separate.pow(power));
            var error = Numbers.Of((a.var(0) + b.var(0)).div(Draws).sqrt());
            var difference = Numbers.Of(a.mean([0L]) - b.mean([0L]));
            for (var i = 0; i < 2; i++) Math.Abs(difference[i]).Should().BeLessThan(4 * error[i]);
        }
    }

    [Fact]
    public void What_follows_the_layer_computes_what_it_would_on_each_draw_alone()
    {
        using var scope = NewDisposeScope();
        var noise = Seeded(new GaussianNoise(1));
        var network = nn.Sequential(("noise", noise), ("tail", nn.Sequential(nn.Flatten(), nn.Softmax(1))));
        var x = Numbers.Normal([3, 2, 2, 2]);
        noise.Reseed(5);
        var folded = DrawFolding.Run(network, x, 6);
        noise.Reseed(5);
        var noisy = noise.call(cat([.. Enumerable.Repeat(x, 6)]));
        Numbers.Of(folded).Zip(Numbers.Of(noisy.flatten(1).softmax(1))).Should().NotContain(pair => Math.Abs(pair.First - pair.Second) > 1e-6);
    }

    [Fact]
    public void A_network_that_does_not_begin_as_a_chain_is_given_its_input_repeated()
    {
        using var scope = NewDisposeScope();
        var network = new Beside(Seeded(new GaussianNoise(1)));
        var folded = DrawFolding.Run(network, Numbers.Normal([3, 4]), 5);
        folded.shape.Should().Equal(15, 4);
        Numbers.Of(folded).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_layer_that_sees_another_batch_than_the_network_draws_for_all()
    {
        using var scope = NewDisposeScope();
        var network = nn.Sequential(("halves", new Reshape(-1, 2)), ("noise", Seeded(new GaussianNoise(1))), ("wholes", new Reshape(-1, 4)));
        var folded = DrawFolding.Run(network, zeros(3, 4), 5);
        folded.shape.Should().Equal(15, 4);
        Numbers.Of(folded).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_network_that_does_not_draw_runs_once()
    {
        using var scope = NewDisposeScope();
        var counter = new Counter();
        var network = nn.Sequential(("count", counter), ("noise", new GaussianNoise(1)));
        using var off = network.DisableRandomness();
        var x = Numbers.Normal([3, 4]);
        Numbers.Of(DrawFolding.Run(network, x, 3)).Should().Equal(Numbers.Of(cat([x, x, x])));
        counter.Rows.Should().Be(3);
    }

    [Fact]
    public void Channels_last_stays_channels_last()
    {
        using var scope = NewDisposeScope();
        var folded = DrawFolding.Run(nn.Sequential(Seeded(new GaussianNoise(1))), Numbers.ChannelsLast(Numbers.Normal([2, 3, 4, 5])), 3);
        folded.stride().Should().Equal(60, 1, 15, 3);
    }

    [Fact]
    public void Draws_fold_when_every_layer_that_draws_does_so_for_each_example()
    {
        using var noise = new GaussianNoise(1);
        using var shared = new RandomizedJumpReLU(1, per: ThresholdPer.Batch);
        using var network = nn.Sequential(("noise", noise), ("jump", shared));
        DrawFolding.Possible(network).Should().BeFalse();
        shared.ActiveIn = Phases.None;
        DrawFolding.Possible(network).Should().BeTrue();
        noise.FixedDraw = 1;
        DrawFolding.Possible(network).Should().BeFalse();
    }

    [Fact]
    public void An_exception_inside_leaves_nothing_pending()
    {
        using var scope = NewDisposeScope();
        var broken = nn.Sequential(("throw", new Throwing()), ("noise", new GaussianNoise(1)));
        var x = zeros(2, 3);
        FluentActions.Invoking(() => DrawFolding.Run(broken, x, 4)).Should().Throw<InvalidOperationException>();
        new GaussianNoise(1).call(x).shape.Should().Equal(2, 3);
    }

    [Fact]
    public void Nothing_stays_behind()
    {
        using var network = nn.Sequential(("flatten", nn.Flatten()), ("noise", new GaussianNoise(1)));
        using var beside = new Beside(new GaussianNoise(1));
        using var x = zeros(2, 3);
        Numbers.LeaveNothing(() =>
        {
            DrawFolding.Run(network, x, 4).Dispose();
            DrawFolding.Run(beside, x, 4).Dispose();
            using var off = network.DisableRandomness();
            DrawFolding.Run(network, x, 4).Dispose();
        });
    }

    private static T Seeded<T>(T layer) where T : StochasticLayer
    {
        layer.Reseed(1);
        return layer;
    }

    private sealed class Counter() : nn.Module<Tensor, Tensor>(nameof(Counter))
    {
        public long Rows { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Rows += x.shape[0];
            return x.alias();
        }
    }

    private sealed class Reshape(params long[] shape) : nn.Module<Tensor, Tensor>(nameof(Reshape))
    {
        public override Tensor forward(Tensor x) => x.reshape(shape);
    }

    private sealed class Throwing() : nn.Module<Tensor, Tensor>(nameof(Throwing))
    {
        public override Tensor forward(Tensor x) => throw new InvalidOperationException("on purpose");
    }

    private sealed class Beside : nn.Module<Tensor, Tensor>
    {
        private readonly GaussianNoise _noise;

        public Beside(GaussianNoise noise) : base(nameof(Beside))
        {
            _noise = noise;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using var noisy = _noise.call(x);
            return x + noisy;
        }
    }
}
