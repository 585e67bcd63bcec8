using Defenses.Randomness;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>
/// The exact mean over every path of a switching network, without sampling. Each channel of a block processes the outputs of all paths
/// below it in one batch. For N₀·N₁·… paths a block makes as many passes as there are paths up to it.
/// </summary>
/// <remarks>
/// Losses and gradients are exact means over all paths, logits the logarithm of the exact mean probabilities. Other random layers
/// within the blocks still draw. Source: derived from Wang et al. 2019, section 3 (paths are uniform and independent per block).
/// </remarks>
public sealed class AllPaths : ModelView
{
    private readonly SwitchingNetwork _network;
    private readonly Func<Tensor, Tensor>? _preprocessing;
    private readonly PassCounter _passes = new();
    private readonly OutputReading _output = new();
    private readonly IReadOnlyList<QueryTally> _tallies = [];

    /// <summary>A view of all paths of a network.</summary>
    /// <param name="network">The switching network, in evaluation mode.</param>
    /// <param name="bounds">The valid range of the input before preprocessing.</param>
    /// <param name="preprocessing">A function that is applied to the input before the network, as in <see cref="Classifier"/>.</param>
    public AllPaths(SwitchingNetwork network, Bounds bounds, Func<Tensor, Tensor>? preprocessing = null)
    {
        _network = Require.NotNull(network, nameof(network));
        Bounds = bounds.Checked(nameof(bounds));
        _preprocessing = preprocessing;
        Networks = [network];
    }

    // The same view; its passes are reported to the tallies, too.
    private AllPaths(AllPaths view, IReadOnlyList<QueryTally> tallies) : this(view._network, view.Bounds, view._preprocessing) =>
        (_passes, _output, _tallies, Head) = (view._passes, view._output, tallies, view.Head);

    /// <summary>All paths of a classifier with a switching network; for any other network the classifier itself.</summary>
    internal static ModelView Of(Classifier model) =>
        model.Network is SwitchingNetwork network ? new AllPaths(network, model.Bounds, model.Prepare) { Head = model.Head } : model;

    /// <summary>What the output of the network means: logits, (N, classes), by default.</summary>
    public OutputHead Head { get; init; }

    /// <summary>The number of paths.</summary>
    public int Paths => _network.Paths.Count;

    /// <inheritdoc/>
    public override Bounds Bounds { get; }

    /// <inheritdoc/>
    public override long Classes => _passes.Classes > 0
        ? _passes.Classes
        : throw new InvalidOperationException("The number of classes is known after the first pass. Call Logits on a batch first.");

    /// <inheritdoc/>
    public override Queries Queries => _passes.Total;

    /// <summary>False: every query uses all paths.</summary>
    public override bool IsRandom => false;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks { get; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => exact ? [] : Networks;

    /// <summary>The share of all paths that meet a goal, exactly: (N, …) → (N,).</summary>
    /// <param name="x">The batch.</param>
    /// <param name="isMet">Whether the goal is met, from logits (N, classes) to (N,) bool.</param>
    public Tensor SuccessRate(Tensor x, Func<Tensor, Tensor> isMet)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var shares = PathLogits(Require.Batch(x, nameof(x))).Select(logits => Require.NotNull(isMet, nameof(isMet))(logits).to_type(x.dtype));
        return stack(shares.ToArray()).mean([0]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return MeanLogits(PathLogits(x)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var paths = PathLogits(leaf);
        var losses = stack(paths.Select(loss).ToArray()).mean([0]);
        var gradient = Differentiation.InputGradient(losses.sum(), leaf, retain: false);
        Count(x, new Queries(0, x.shape[0] * paths.Count));
        return new LossGradient(gradient, losses.detach(), MeanLogits(paths).detach()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var logits = MeanLogits(PathLogits(leaf));
        var jacobian = Differentiation.Jacobian(logits, leaf);
        Count(x, new Queries(0, x.shape[0] * logits.shape[1]));
        return (jacobian.MoveToOuterDisposeScope(), logits.detach().MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<double> MemberShares => [.. Enumerable.Repeat(1.0 / Paths, Paths)];

    /// <inheritdoc/>
    protected internal override Tensor ComputeMemberLogits(Tensor x)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return stack(PathLogits(x).ToArray()).MoveToOuterDisposeScope();
    }

    /// <summary>One path alone, by its number in <see cref="ComputeMemberLogits"/>: the first block's channel changes fastest.</summary>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var answer = Preprocessing.Apply(_preprocessing, _network, leaf);
        foreach (var block in _network.Blocks)
        {
            (member, var channel) = Math.DivRem(member, block.Channels.Count);
            answer = ForwardPass.Run(block.Channels[channel], answer);
        }

        var logits = _output.Logits(_network, answer, x.shape[0], Head);
        var jacobian = Differentiation.Jacobian(outputs(logits), leaf);
        Count(x, new Queries(x.shape[0], x.shape[0] * jacobian.shape[1]));
        return (jacobian.MoveToOuterDisposeScope(), logits.detach().MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    internal override ModelView Bind(QueryTally tally) =>
        tally.For(_passes) is var mine && _tallies.Contains(mine) ? this : new AllPaths(this, [.. _tallies, mine]);

    /// <inheritdoc/>
    internal override IReadOnlyList<PassCounter> Counters => [_passes];

    /// <inheritdoc/>
    internal override IReadOnlyList<QueryTally> Tallies => _tallies;

    private void Count(Tensor x, Queries passes) => _passes.Add(x.shape[0], passes, _tallies);

    // The logits of every path, (N, classes) each. Each channel of a block runs once on all paths below, stacked along the batch.
    private List<Tensor> PathLogits(Tensor x)
    {
        var (rows, stacked, count) = (x.shape[0], Preprocessing.Apply(_preprocessing, _network, x), 1L);
        foreach (var block in _network.Blocks)
        {
            stacked = cat(block.Channels.Select(channel => ForwardPass.Run(channel, stacked)).ToArray());
            count *= block.Channels.Count;
        }
        stacked = _output.Logits(_network, stacked, rows * count, Head);
        _passes.Classes = stacked.shape[1];
        Count(x, new Queries(rows * count, 0));
        return [.. Enumerable.Range(0, (int)count).Select(path => stacked.narrow(0, path * rows, rows))];
    }

    private static Tensor MeanLogits(IReadOnlyList<Tensor> paths) => stack(paths.Select(logits => logits.softmax(-1)).ToArray()).mean([0]).log();
}
