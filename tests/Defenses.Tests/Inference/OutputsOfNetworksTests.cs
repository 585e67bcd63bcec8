using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Inference;

/// <summary>What networks that decide by several passes do with outputs of other shapes: the right decision, or a refusal.</summary>
public sealed class OutputsOfNetworksTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = Numbers.Uniform([7, 12], seed: 3);

    public void Dispose() => _scope.Dispose();

    private nn.Module<Tensor, Tensor> Noisy()
    {
        var network = nn.Sequential(("noise", new GaussianNoise(0.01)), ("network", OneLogit()));
        network.eval();
        network.Reseed(2);
        return network;
    }

    // Half of the images lie on each side.
    private LinearModel OneLogit()
    {
        var network = new LinearModel(12, 1);
        using var noGrad = no_grad();
        network.Bias.sub_(network.call(_x).median());
        return network;
    }

    [Fact]
    public void One_logit_decides_as_it_does_alone()
    {
        using var alone = OneLogit();
        var right = alone.call(_x).squeeze(1) > 0;
        right.any().ToBoolean().Should().BeTrue();
        right.all().ToBoolean().Should().BeFalse();
        nn.Module<Tensor, Tensor>[] networks =
        [
            new VotingNetwork(Noisy(), 21) { Head = OutputHead.OneLogit }, new AveragingNetwork(Noisy(), 21) { Head = OutputHead.OneLogit },
            new AveragingNetwork(OneLogit(), 1) { Head = OutputHead.OneLogit },
            new RegionNetwork(OneLogit(), 0.01, Bounds.Unit, 21) { Head = OutputHead.OneLogit },
        ];
        foreach (var network in networks)
        {
            network.eval();
            var logits = new Classifier(network, Bounds.Unit).Logits(_x);
            logits.shape.Should().Equal(7, 2);
            var sure = alone.call(_x).squeeze(1).abs() > 0.2;
            logits.argmax(1).eq(1).eq(right).logical_or(sure.logical_not()).all().ToBoolean().Should().BeTrue(network.GetType().Name);
            network.Dispose();
        }
    }

    [Fact]
    public void One_logit_that_is_not_declared_is_refused()
    {
        foreach (var network in new nn.Module<Tensor, Tensor>[] { new VotingNetwork(Noisy(), 3), new AveragingNetwork(Noisy(), 3) })
        {
            foreach (var head in new[] { OutputHead.Logits, OutputHead.OneLogit })
                ((Action)(() => new Classifier(network, Bounds.Unit) { Head = head }.Logits(_x)))
                    .Should().Throw<InvalidOperationException>().WithMessage("*two classes*Head = OutputHead.OneLogit*VotingNetwork*");
            network.Dispose();
        }
    }

    [Fact]
    public void Rows_that_are_not_those_of_the_images_are_refused_with_both_shapes()
    {
        using var network = new AveragingNetwork(nn.Sequential(("noise", new GaussianNoise(0.01)), ("mix", new Rows()), ("network", new LinearModel(4, 3))), 5);
        network.eval();
        ((Action)(() => new Classifier(network, Bounds.Unit).Logits(_x)))
            .Should().Throw<InvalidOperationException>().WithMessage("*batch of 35*(105, 3)*");
    }

    /// <summary>Three rows of each image.</summary>
    private sealed class Rows : nn.Module<Tensor, Tensor>
    {
        internal Rows() : base(nameof(Rows)) => eval();

        public override Tensor forward(Tensor x) => x.view(-1, 4);
    }
}
