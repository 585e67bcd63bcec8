using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Inference;

/// <summary>Region-based classification: the votes of m points drawn uniformly from the cube around the input, clipped to the bounds.</summary>
/// <remarks>
/// <para>Shape: (N, …) → (N, classes), as <see cref="VotingNetwork"/>. Every example and call has fresh points. The cube is around the input of this network:
/// normalization belongs into the inner network. Source: Cao and Gong 2017. Ge et al. 2020 take m = 10,000 and r = 0.4 on MNIST,
/// m = 1,000 and r = 0.02 on Fashion-MNIST and CIFAR-10, in [0, 1].</para>
/// <para>Known break: He, Li and Song 2018 optimize the margin over directions around the input; a modest confidence suffices.</para>
/// </remarks>
public sealed class RegionNetwork : nn.Module<Tensor, Tensor>
{
    [TorchSharp.Utils.ComponentName(Name = "region")] private readonly VotingNetwork _voting;

    /// <summary>Decides by votes over the cube around the input.</summary>
    /// <param name="network">Gives logits, (N, …) → (N, classes). Becomes a child and is disposed with this network.</param>
    /// <param name="radius">Half the width of the cube, in the units of the input, above 0.</param>
    /// <param name="bounds">The range that points are clipped to.</param>
    /// <param name="points">m, at least 1.</param>
    public RegionNetwork(nn.Module<Tensor, Tensor> network, double radius, Bounds bounds, int points) : base(nameof(RegionNetwork))
    {
        Require.NotNull(network, nameof(network));
        var cube = new CubeNoise(Require.Positive(radius, nameof(radius)), bounds.Checked(nameof(bounds)));
        cube.train(network.training);
        var chain = nn.Sequential();
        chain.train(network.training);   // before it has children, so that their modes do not change
        chain.append("cube", cube).append("network", network);
        _voting = new VotingNetwork(chain, Require.AtLeast(points, 1, nameof(points)));
        train(network.training);
        RegisterComponents();
    }

    /// <summary>The number of rows in one pass through the network, at least 1; by default 1024.</summary>
    public int RowsPerPass { get => _voting.RowsPerPass; set => _voting.RowsPerPass = value; }

    /// <inheritdoc cref="DecidingNetwork.Head"/>
    public OutputHead Head { get => _voting.Head; set => _voting.Head = value; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _voting.call(input);

    /// <summary>The votes of fresh points on each example: (N, …) → counts (N, classes).</summary>
    public Votes Vote(Tensor x) => _voting.Vote(x);
}

/// <summary>A point drawn uniformly from the cube around the input, clipped: clamp(x + r·(2u − 1), bounds).</summary>
internal sealed class CubeNoise(double radius, Bounds bounds) : StochasticLayer(nameof(CubeNoise))
{
    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return (x + random.Uniform(x).mul_(2 * radius).sub_(radius)).clamp(bounds.Lower, bounds.Upper).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();
}
