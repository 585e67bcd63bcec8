using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A classifier looked at under a condition that holds only during each look.</summary>
public abstract class ClassifierView : ModelView
{
    private readonly Classifier _model;

    private protected ClassifierView(Classifier model) => _model = Require.NotNull(model, nameof(model));

    /// <inheritdoc/>
    public override Bounds Bounds => _model.Bounds;

    /// <inheritdoc/>
    public override long Classes => _model.Classes;

    /// <inheritdoc/>
    public override Queries Queries => _model.Queries;

    /// <inheritdoc/>
    public override bool IsRandom
    {
        get
        {
            using var condition = Enter(_model.Network);
            return _model.IsRandom;
        }
    }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks => _model.Networks;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => _model.ChannelsLastNetworks(exact);

    /// <summary>Puts the condition in force until the result is disposed.</summary>
    private protected abstract IDisposable Enter(nn.Module network);

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeLogits(x);
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x, int draws)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeLogits(x, draws);
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeGradient(x, loss);
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeGradient(x, loss, draws);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeJacobian(x);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x, Func<Tensor, Tensor> outputs)
    {
        using var condition = Enter(_model.Network);
        return _model.ComputeJacobian(x, outputs);
    }
}
