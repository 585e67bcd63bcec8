using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Expectation over transformation: every answer is the mean over several fresh draws of the model.</summary>
/// <remarks>
/// Gradients and losses are means over draws of the loss, or those of the mean probabilities (<see cref="Average"/>); logits are the
/// logarithm of the mean probabilities. Draws are folded into the batch, in chunks of bounded size, where every layer draws per example, and
/// run one after another elsewhere. Source: Athalye et al. 2018, section 4.2.
/// </remarks>
public sealed class Eot : DelegatingModelView
{
    private readonly int _draws;

    /// <summary>Averages over <paramref name="draws"/> draws (at least 1) of the model.</summary>
    public Eot(ModelView model, int draws) : base(Require.NotNull(model, nameof(model))) => _draws = Require.AtLeast(draws, 1, nameof(draws));

    /// <summary>The number of draws behind an answer; with <see cref="MostDraws"/> the fewest behind a gradient.</summary>
    public int Draws => _draws;

    /// <summary>What is averaged before it is differentiated; by default the loss. Probabilities cost one more forward pass a draw.</summary>
    public EotAverage Average
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Average), value, "Average must be a known average.");
    }

    /// <summary>
    /// The most draws behind a gradient, at least the number of draws. Looks at <see cref="Draws"/> draws follow one another until the signal is
    /// clear or one more would exceed this; at least two. By default (null) one look.
    /// </summary>
    public int? MostDraws { get; init => field = value is { } most ? Require.AtLeast(most, _draws, nameof(MostDraws)) : null; }

    /// <summary>
    /// The signal-to-noise ratio at which a gradient is clear, reached by half of the examples (<see cref="GradientSignal.PerExample"/>);
    /// above 0, by default 2.
    /// </summary>
    public double ClearSignal { get; init => field = Require.Positive(value, nameof(ClearSignal)); } = 2;

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        if (!IsRandom) return Inner.ComputeLogits(x);
        using var scope = NewDisposeScope();
        return Inner.ComputeLogits(x, _draws).softmax(-1).mean([0]).log().MoveToOuterDisposeScope();
    }

    /// <summary>The logits of single draws of the model, (N, …) → (draws, N, classes): what decides whether an example is done.</summary>
    /// <remarks>Of the model, not of this view: an example is done when the model is fooled, and the model answers with one draw.</remarks>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Inner.ComputeLogits(x, draws);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        !IsRandom ? Inner.ComputeGradient(x, loss, 1)
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
            using var look = Inner.ComputeGradient(x, loss);
            moments.Add(look.Gradient);
        }

        return new GradientSignal(moments.PerElement(), moments.PerExample(), _draws);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) =>
        IsRandom ? MeanJacobian(() => Inner.ComputeJacobian(x)) : Inner.ComputeJacobian(x);

    /// <inheritdoc/>
    /// <remarks>Those of the model, each averaged over the draws: an attack that visits members would otherwise take their mean for one model.</remarks>
    public override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    /// <inheritdoc/>
    protected internal override Tensor ComputeMemberLogits(Tensor x)
    {
        if (MemberShares.Count == 1) return base.ComputeMemberLogits(x);
        if (!IsRandom) return Inner.ComputeMemberLogits(x);
        using var scope = NewDisposeScope();
        var probabilities = Inner.ComputeMemberLogits(x).softmax(-1);
        for (var draw = 1; draw < _draws; draw++)
        {
            using var step = NewDisposeScope();
            probabilities.add_(Inner.ComputeMemberLogits(x).softmax(-1));
        }
        return probabilities.div_(_draws).log_().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs)
    {
        if (MemberShares.Count == 1) return base.ComputeMemberJacobian(member, x, outputs);
        if (!IsRandom) return Inner.ComputeMemberJacobian(member, x, outputs);
        using var scope = NewDisposeScope();
        var (jacobian, logits) = MeanJacobian(() => Inner.ComputeMemberJacobian(member, x, answers => answers.alias()));
        return (Differentiation.Chain(jacobian, logits, outputs).MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    protected internal override DelegatingModelView Over(ModelView inner) =>
        new Eot(inner, _draws) { Average = Average, MostDraws = MostDraws, ClearSignal = ClearSignal };

    // The mean of the gradients, and the logarithm of the mean probabilities.
    private (Tensor Jacobian, Tensor Logits) MeanJacobian(Func<(Tensor Jacobian, Tensor Logits)> look)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = look();
        var probabilities = logits.softmax(-1);
        for (var draw = 1; draw < _draws; draw++)
        {
            using var step = NewDisposeScope();
            var (next, nextLogits) = look();
            jacobian.add_(next);
            probabilities.add_(nextLogits.softmax(-1));
        }
        return (jacobian.div_(_draws).MoveToOuterDisposeScope(), probabilities.div_(_draws).log_().MoveToOuterDisposeScope());
    }

    private LossGradient Look(Tensor x, Func<Tensor, Tensor> loss) => Average == EotAverage.Losses
        ? Inner.ComputeGradient(x, loss, _draws)
        : MeanProbabilities.ComputeGradient(Inner, x, loss, _draws);
}

/// <summary>What is averaged over draws before it is differentiated.</summary>
public enum EotAverage
{
    /// <summary>The loss: the gradient is the mean of the gradients of all draws.</summary>
    Losses,

    /// <summary>
    /// The probabilities: the loss is that of the logarithm of the mean probabilities. For models that decide by averaging probabilities;
    /// draws that are lost to the attacker count less.
    /// </summary>
    Probabilities,
}

/// <summary>A gradient averaged over as many looks as it takes to stand out of their noise.</summary>
internal static class ClearGradient
{
    /// <summary>
    /// The means over looks that go on until half of the examples are clear or there were <paramref name="most"/>; at least two if so many are allowed.
    /// </summary>
    /// <param name="look">One fresh look.</param>
    /// <param name="most">The most looks, at least 1.</param>
    /// <param name="ratio">The signal-to-noise ratio of a clear example.</param>
    internal static LossGradient Find(Func<LossGradient> look, int most, double ratio)
    {
        using var scope = NewDisposeScope();
        var first = look();
        var (losses, probabilities) = (first.Loss, first.Logits.softmax(-1));
        using var moments = new GradientMoments(first.Gradient);
        moments.Add(first.Gradient);
        while (moments.Count < most && !moments.IsClear(ratio))
        {
            using var inner = NewDisposeScope();
            var next = look();
            moments.Add(next.Gradient);
            losses.add_(next.Loss);
            probabilities.add_(next.Logits.softmax(-1));
        }

        return new LossGradient(moments.Mean.clone(), losses / moments.Count, (probabilities / moments.Count).log()).MoveToOuterDisposeScope();
    }
}
