using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The white box: a network with the bounds of its input. Each call uses one fresh random draw of a random network.</summary>
/// <remarks>
/// The network gives logits, (N, …) → (N, classes). Put normalization into <c>preprocessing</c>: then images, bounds and ε
/// are in the same units. The first batch is checked: the output must be logits, not probabilities.
/// </remarks>
public sealed class Classifier : ModelView
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly Func<Tensor, Tensor>? _preprocessing;
    private readonly PassCounter _passes = new();
    private readonly OutputReading _output = new();
    private readonly IReadOnlyList<QueryTally> _tallies = [];

    /// <summary>Wraps a network.</summary>
    /// <param name="network">Input (N, …) to logits (N, classes). Not owned.</param>
    /// <param name="bounds">The valid range of the input before preprocessing, such as <see cref="Models.Bounds.Unit"/>.</param>
    /// <param name="preprocessing">A differentiable function before the network, such as <see cref="Preprocessing.Normalize"/>. None by default.</param>
    public Classifier(nn.Module<Tensor, Tensor> network, Bounds bounds, Func<Tensor, Tensor>? preprocessing = null)
    {
        _network = Require.NotNull(network, nameof(network));
        Bounds = bounds.Checked(nameof(bounds));
        _preprocessing = preprocessing;
        Networks = [network];
    }

    /// <summary>Wraps a TorchScript module. Gradients pass through it, so that every attack and view takes it.</summary>
    /// <inheritdoc cref="Classifier(nn.Module{Tensor, Tensor}, Bounds, Func{Tensor, Tensor})"/>
    public Classifier(jit.ScriptModule<Tensor, Tensor> network, Bounds bounds, Func<Tensor, Tensor>? preprocessing = null)
        : this(new ScriptNetwork(Require.NotNull(network, nameof(network))), bounds, preprocessing)
    {
    }

    /// <summary>Wraps a function that runs modules, differentiable.</summary>
    /// <param name="network">Input (N, …) to logits (N, classes).</param>
    /// <param name="bounds">The valid range of the input before preprocessing.</param>
    /// <param name="modules">All modules that the function runs: attacks check their modes and lend streams to their layers. Not owned.</param>
    /// <param name="preprocessing">What stands between the input and the function, differentiable. None by default.</param>
    public Classifier(Func<Tensor, Tensor> network, Bounds bounds, IReadOnlyList<nn.Module> modules, Func<Tensor, Tensor>? preprocessing = null)
        : this(new DelegateNetwork(network, modules), bounds, preprocessing)
    {
    }

    private Classifier(Classifier model, nn.Module<Tensor, Tensor> front) : this(model._network, model.Bounds, x => model.Prepare(ForwardPass.Run(front, x)))
    {
        (Head, ChannelsLast, GradientPrecision) = (model.Head, model.ChannelsLast, model.GradientPrecision);
        Networks = [model._network, front];
    }

    // The same classifier; its passes are reported to the tallies, too.
    private Classifier(Classifier model, IReadOnlyList<QueryTally> tallies) : this(model._network, model.Bounds, model._preprocessing)
    {
        (_passes, _output, _tallies, Networks) = (model._passes, model._output, tallies, model.Networks);
        (Head, ChannelsLast, GradientPrecision) = (model.Head, model.ChannelsLast, model.GradientPrecision);
    }

    /// <summary>What the output of the network means: logits, (N, classes), by default.</summary>
    public OutputHead Head { get; init; }

    /// <summary>
    /// Whether convolution weights lie in channels-last strides while an attack or a judge uses the network. On the CPU this makes
    /// convolutional networks about a third faster. Values and strides are restored afterwards. Other threads must not use the network
    /// meanwhile. Sums are rounded in another order, so the signs of gradients near zero may differ from those of the usual
    /// order. By default (null) the attack chooses: gradient-sign attacks without a random start keep the usual order, so that they give
    /// the same images as other libraries; all others, and gradients in bfloat16, use the fast order.
    /// </summary>
    public bool? ChannelsLast { get; init; }

    /// <summary>The number type of gradient passes; by default <see cref="GradientPrecision.Float32"/>, the type of the weights.</summary>
    /// <remarks>With bfloat16, gradients and the losses and logits of their passes have two to three digits. Forward passes keep the type of the weights, and
    /// an attack believes a success only after such a pass. Other threads must not use the network during a gradient pass.</remarks>
    /// <exception cref="NotSupportedException">The network is a function, or holds TorchScript, a recurrent layer, attention or an embedding.</exception>
    public GradientPrecision GradientPrecision { get; init => field = BFloat16Weights.Checked(_network, value); }

    /// <summary>The number type in use: <see cref="GradientPrecision.Float32"/> where bfloat16 was not asked for, or is not faster on this processor.</summary>
    public GradientPrecision GradientPrecisionInUse => BFloat16Weights.InUse(_network, GradientPrecision);

    /// <inheritdoc/>
    public override Bounds Bounds { get; }

    /// <inheritdoc/>
    public override long Classes => _passes.Classes > 0
        ? _passes.Classes
        : throw new InvalidOperationException("The number of classes is known after the first pass. Call Logits on a batch first.");

    /// <inheritdoc/>
    public override Queries Queries => _passes.Total;

    /// <inheritdoc/>
    public override bool IsRandom => _network.IsRandom();

    /// <summary>The same classifier with a module before it that changes the images; its passes are counted separately.</summary>
    internal Classifier Behind(nn.Module<Tensor, Tensor> front) => new(this, front);

    internal bool HasSamePreprocessing(Classifier other) => _preprocessing == other._preprocessing;

    /// <summary>The network.</summary>
    public nn.Module<Tensor, Tensor> Network => _network;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks { get; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => ChannelsLast ?? (!exact || HasRoughGradients) ? Networks : [];

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x) => WithoutGraph(() => Pass(x, 1));

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => WithoutGraph(() => LogitsOfDraws(x, draws));

    /// <summary>The logits of several fresh draws, (N, …) → (draws, N, classes), with a graph where gradients are enabled.</summary>
    internal Tensor LogitsOfDraws(Tensor x, int draws)
    {
        using var scope = NewDisposeScope();
        var folds = DrawFolding.Possible(_network) ? FoldedDraws.Parts(x, draws) : Enumerable.Repeat(1, draws);
        return cat(folds.Select(fold => Pass(x, fold).view([fold, x.shape[0], -1])).ToArray()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => ComputeGradient(x, loss, 1);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        if (draws > 1 && !DrawFolding.Possible(_network)) return base.ComputeGradient(x, loss, draws);
        return draws == 1 ? Pass(x, loss, 1) : FoldedDraws.Mean(x, draws, HasRoughGradients, fold => Pass(x, loss, fold));
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => ComputeJacobian(x, logits => logits);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs) =>
        Differentiation.Gather(read => EachGradient(x, outputs, read));

    internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var exact = HasRoughGradients && !IsRandom ? ComputeLogits(x) : null;
        using var lowered = BFloat16Weights.Lend(this);
        var logits = Pass(leaf, 1, lowered);
        if (exact is not null) logits = logits + (exact - logits.detach()).nan_to_num(0, 0, 0);   // the values of one, the slopes of the other
        Count(x, new Queries(0, x.shape[0] * Differentiation.Each(outputs(logits), leaf, read, _tallies)));
        return logits.detach().MoveToOuterDisposeScope();
    }

    /// <summary>The output of the network, without a check that it holds logits. (N, …) → (N, …), without a graph.</summary>
    internal Tensor Answer(Tensor x) => Read(x, input => ForwardPass.Run(_network, input));

    /// <summary>The value of a function of the preprocessed input, without a graph.</summary>
    internal Tensor Read(Tensor x, Func<Tensor, Tensor> read) => WithoutGraph(() => read(Prepare(x)));

    internal Classifier With(nn.Module<Tensor, Tensor> network) =>
        new(network, Bounds, _preprocessing) { ChannelsLast = ChannelsLast, GradientPrecision = GradientPrecision };

    internal override bool HasRoughGradients => GradientPrecisionInUse != GradientPrecision.Float32 && !_tallies.Any(tally => tally.Ledger.NeedsFloat32);

    private static Tensor WithoutGraph(Func<Tensor> pass)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return pass().MoveToOuterDisposeScope();
    }

    private LossGradient Pass(Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        using var lowered = BFloat16Weights.Lend(this);
        var answer = Differentiation.OfDraws(x, draws, leaf => Pass(leaf, draws, lowered), loss, _tallies);
        Count(x, new Queries(0, x.shape[0] * draws));
        return answer;
    }

    internal override ModelView Bind(QueryTally tally) =>
        tally.For(_passes) is var mine && _tallies.Contains(mine) ? this : new Classifier(this, [.. _tallies, mine]);

    internal override IReadOnlyList<PassCounter> Counters => [_passes];
    internal override IReadOnlyList<QueryTally> Tallies => _tallies;
    private void Count(Tensor x, Queries passes) => _passes.Add(x.shape[0], passes, _tallies);

    internal Tensor Prepare(Tensor x) => Preprocessing.Apply(_preprocessing, _network, x);

    private Tensor Pass(Tensor x, int draws, BFloat16Weights? lowered = null)
    {
        using var scope = NewDisposeScope();
        var output = lowered?.Run(_network, Prepare(x), draws, x.dtype, _tallies) ?? PassParts.Run(_network, Prepare(x), draws, _tallies);
        var logits = _output.Logits(_network, output, x.shape[0] * draws, Head);
        if (_passes.Classes == 0) _passes.Classes = FirstAnswer.Classes(logits);
        Count(x, new Queries(x.shape[0] * draws, 0));
        foreach (var tally in _tallies) tally.Ledger.Report(logits);
        return logits.MoveToOuterDisposeScope();
    }
}
