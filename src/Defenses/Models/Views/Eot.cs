using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Expectation over transformation: every answer is the mean over several fresh draws of the model.</summary>
/// <remarks>
/// Gradients and losses are means over draws of the loss, or those of the mean probabilities (<see cref="Average"/>); logits are the
/// logarithm of the mean probabilities. Draws are folded into the batch, in chunks of bounded size, where every layer draws per example, and
/// run one after another elsewhere. Source: Athalye et al. 2018, section 4.2.
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

    /// <summary>The number of draws behind an answer; with <see cref="MostDraws"/> the fewest behind a gradient.</summary>
    public int Draws => _draws;

    /// <summary>What is averaged before it is differentiated; by default the loss. Probabilities cost one more forward pass a draw.</summary>
    public EotAverage Average { get; init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Average), value, "Average must be a known average."); }

    /// <summary>
    /// The most draws behind a gradient, at least the number of draws. Looks at <see cref="Draws"/> draws follow one another until the signal is
    /// clear or one more would exceed this; at least two. By default (null) one look.
    /// </summary>
    public int? MostDraws { get; init => field = value is { } most ? Require.AtLeast(most, _draws, nameof(MostDraws)) : null; }

    /// <summary>
    /// The signal-to-noise ratio at which a gradient is clear, reached by half of the examples (<see cref="GradientSignal.PerExample"/>); above 0, by default 2.
    /// </summary>
    public double ClearSignal { get; init => field = Require.Positive(value, nameof(ClearSignal)); } = 2;

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
        !IsRandom ? _model.ComputeGradient(x, loss, 1)
        : MostDraws is { } most ? ClearGradient.Find(() => Look(x, loss), most / _draws, ClearSignal)
        : Look(x, loss);

    /// <summary>How clear the gradient of a loss averaged over <see cref="Draws"/> fresh draws (at least 2) is.</summary>
    /// <param name="x">The batch.</param>
    /// <param name="loss">The loss of each example, from the logits: (N, classes) → (N,). Asked about single draws.</param>
    /// <exception cref="InvalidOperationException">There is a single draw.</exception>
    public GradientSignal Signal(Tensor x, Func<Tensor, Tensor> loss)
    {
        Require.Batch(x, nameof(x));
        Require.NotNull(loss, nameof(loss));
        if (_draws < 2) throw new InvalidOperationException("One draw tells nothing about noise. Average over 2 draws or more.");
        using var moments = new GradientMoments(x);
        for (var draw = 0; draw < _draws; draw++)
        {
            using var look = _model.ComputeGradient(x, loss);
            moments.Add(look.Gradient);
        }

        return new GradientSignal(moments.PerElement(), moments.PerExample(), _draws);
    }

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

    private LossGradient Look(Tensor x, Func<Tensor, Tensor> loss) => Average == EotAverage.Losses
        ? _model.ComputeGradient(x, loss, _draws)
        : MeanProbabilities.ComputeGradient(_model, x, loss, _draws);
}
