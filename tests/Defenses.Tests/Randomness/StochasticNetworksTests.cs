using Defenses.Layers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Randomness;

public sealed class StochasticNetworksTests
{
    [Fact]
    public void Layers_are_found_at_every_depth_with_their_paths()
    {
        using var network = Network();
        network.StochasticLayers().Select(found => found.Path).Should().Equal("first", "inner.second");
        using var alone = new GaussianNoise(1);
        alone.StochasticLayers().Should().ContainSingle().Which.Path.Should().Be("");
    }

    [Fact]
    public void A_layer_that_stands_in_two_places_is_found_once()
    {
        using var noise = new GaussianNoise(1);
        using var network = nn.Sequential(("a", noise), ("b", noise));
        network.StochasticLayers().Should().ContainSingle().Which.Path.Should().Be("a");
    }

    [Fact]
    public void One_seed_gives_every_layer_a_separate_stream_by_its_path()
    {
        using var scope = NewDisposeScope();
        var (network, twin) = (Network(), Network());
        network.Reseed(1);
        twin.Reseed(1);
        var x = zeros(2, 30);
        Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(twin.call(x)));
        twin.Reseed(2);
        Numbers.Of(network.call(x)).Should().NotEqual(Numbers.Of(twin.call(x)));
        var layers = network.StochasticLayers().Select(found => found.Layer).ToArray();
        layers[0].Seed.Should().NotBe(layers[1].Seed);
        var second = nn.Sequential(("first", new DefensiveDropout(0.5)), ("inner", nn.Sequential(("second", new GaussianNoise(0.5)))));
        second.Reseed(1);
        second.StochasticLayers()[1].Layer.Seed.Should().Be(layers[1].Seed, "a layer's stream depends on its path alone");
    }

    [Fact]
    public void A_fixed_draw_ends_with_its_scope_and_restores_what_was_there()
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var (x, inner) = (zeros(2, 30), network.StochasticLayers()[1].Layer);
        inner.FixedDraw = 9;
        double[] fixedOutput;
        using (network.FixDraw(3))
        {
            network.IsRandom().Should().BeFalse();
            fixedOutput = Numbers.Of(network.call(x));
            using (network.FixDraw(4)) Numbers.Of(network.call(x)).Should().NotEqual(fixedOutput);
            Numbers.Of(network.call(x)).Should().Equal(fixedOutput);
        }
        inner.FixedDraw.Should().Be(9);
        network.StochasticLayers()[0].Layer.FixedDraw.Should().BeNull();
        network.IsRandom().Should().BeTrue();
        Numbers.Of(network.call(x)).Should().NotEqual(Numbers.Of(network.call(x)));
    }

    [Fact]
    public void Scopes_are_undone_after_an_exception_as_well()
    {
        using var network = Network();
        foreach (var enter in new Func<IDisposable>[] { () => network.FixDraw(1), network.DisableRandomness, () =>
            network.LendStreams(1), network.UseSurrogates })
        {
            FluentActions.Invoking(() =>
            {
                using var changed = enter();
                throw new InvalidOperationException("on purpose");
            }).Should().Throw<InvalidOperationException>();
            foreach (var (_, layer) in network.StochasticLayers())
            {
                layer.FixedDraw.Should().BeNull();
                layer.IsActive.Should().BeTrue();
                layer.UseSurrogate.Should().BeFalse();
                layer.Lend(null).Should().BeNull("no stream is lent any more");
            }
        }
    }

    [Fact]
    public void Undoing_twice_undoes_once()
    {
        using var network = Network();
        var changed = network.FixDraw(1);
        changed.Dispose();
        network.StochasticLayers()[0].Layer.FixedDraw = 5;
        changed.Dispose();
        network.StochasticLayers()[0].Layer.FixedDraw.Should().Be(5);
    }

    [Fact]
    public void Without_randomness_the_network_is_the_deterministic_one()
    {
        using var scope = NewDisposeScope();
        var network = Network();
        var x = Numbers.Normal([2, 30]);
        using (network.DisableRandomness())
        {
            network.IsRandom().Should().BeFalse();
            Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(x));
        }
        network.IsRandom().Should().BeTrue();
    }

    [Fact]
    public void Lent_streams_leave_those_of_the_network_where_they_were()
    {
        using var scope = NewDisposeScope();
        var (network, twin) = (Network(), Network());
        network.Reseed(1);
        twin.Reseed(1);
        var x = zeros(2, 30);
        double[] lent, again;
        using (network.LendStreams(8)) lent = Numbers.Of(network.call(x));
        using (network.LendStreams(8))
        {
            again = Numbers.Of(network.call(x));
            double[] inner;
            using (network.LendStreams(9)) inner = Numbers.Of(network.call(x));
            inner.Should().NotEqual(lent);
            using (network.FixDraw(2))
            using (twin.FixDraw(2))
                Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(twin.call(x)), "numbered draws stay the network's own");
        }
        lent.Should().Equal(again);
        Numbers.Of(network.call(x)).Should().Equal(Numbers.Of(twin.call(x)));
    }

    [Fact]
    public void A_lent_stream_is_closed_when_it_is_given_back()
    {
        using var noise = new GaussianNoise(1);
        var lending = noise.LendStreams(1);
        var stream = noise.Lend(null)!;
        noise.Lend(stream);
        lending.Dispose();
        stream.Invoking(it => it.Uniform()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Surrogates_are_used_by_plain_modules_as_well()
    {
        using var jump = new JumpReLU(1);
        using var network = nn.Sequential(("noise", new GaussianNoise(1)), ("jump", jump));
        using (network.UseSurrogates()) (jump.UseSurrogate, network.StochasticLayers()[0].Layer.UseSurrogate).Should().Be((true, true));
        (jump.UseSurrogate, network.StochasticLayers()[0].Layer.UseSurrogate).Should().Be((false, false));
        using (jump.UseSurrogates()) jump.UseSurrogate.Should().BeTrue();
    }

    [Fact]
    public void A_network_is_needed() => FluentActions.Invoking(() => ((nn.Module)null!).StochasticLayers()).Should().Throw<ArgumentNullException>();

    private static Sequential Network() =>
        nn.Sequential(("first", new GaussianNoise(1)), ("inner", nn.Sequential(("second", new DefensiveDropout(0.5)), ("last", nn.Identity()))));
}
