using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Expectation over transformation: every answer is the mean over several fresh draws of the model.</summary>
/// <remarks>
/// Gradients and losses are means over draws of the loss; logits are the logarithm of the mean probabilities. Draws are folded
/// into the batch where every layer draws per example, and run one after another elsewhere.
/// Source: Athalye et al. 2018, section 4.2.
/// </remarks>
public sealed class Eot : ModelView
{
    private readonly ModelView _model;
    private readonly int _draws;

    /// <summary>Averages over <paramref name="draws"/> draws (at least 1) of the model.</summary>
    public Eot(ModelView model, int draws)
    {
        _model = Require.NotNull(model, nameof(model));
        _draws = Require.AtLeast(draws, 1, nameof(draws));
    }

    /// <summary>The number of draws behind an answer.</summary>
    public int Draws => _draws;

    /// <inheritdoc/>
    public override Bounds Bounds => _model.Bounds;

    /// <inheritdoc/>
    public override long Classes => _model.Classes;

    /// <inheritdoc/>
    public override Queries Queries => _model.Queries;

    /// <inheritdoc/>
    public override bool IsRandom => _model.IsRandom;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks => _model.Networks;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => _model.ChannelsLastNetworks(exact);

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        if (!IsRandom) return _model.ComputeLogits(x);
        using var scope = NewDisposeScope();
        return _model.ComputeLogits(x, _draws).softmax(-1).mean([0]).log().MoveToOuterDisposeScope();
    }

    /// <summary>The logits of single draws of the model: what decides whether an example is done.</summary>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => _model.ComputeLogits(x, draws);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        _model.ComputeGradient(x, loss, IsRandom ? _draws : 1);

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        if (!IsRandom) return _model.ComputeJacobian(x);
        using var scope = NewDisposeScope();
        var (jacobian, logits) = _model.ComputeJacobian(x);
        var probabilities = logits.softmax(-1);
        for (var draw = 1; draw < _draws; draw++)
        {
            using var step = NewDisposeScope();
            var (next, nextLogits) = _model.ComputeJacobian(x);
            jacobian.add_(next);
            probabilities.add_(nextLogits.softmax(-1));
        }
        return (jacobian.div_(_draws).MoveToOuterDisposeScope(), probabilities.div_(_draws).log_().MoveToOuterDisposeScope());
    }
}
