using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Expectation over transformation: every result is the mean over several fresh random draws of the model.</summary>
/// <remarks>
/// Gradients and losses are those of the mean loss over draws, or of the mean probabilities (<see cref="Average"/>); logits are the
/// logarithm of the mean probabilities. Where every layer draws per example, draws are folded into the batch in chunks of bounded size; otherwise
/// they run one after another. Source: Athalye et al. 2018, section 4.2.
/// </remarks>
public sealed class Eot : DelegatingModelView
{
    private readonly int _draws;

    /// <summary>Averages over <paramref name="draws"/> draws (at least 1) of the model.</summary>
    public Eot(ModelView model, int draws) : base(Require.NotNull(model, nameof(model))) => _draws = Require.AtLeast(draws, 1, nameof(draws));

    /// <summary>The number of draws behind a result; with <see cref="MostDraws"/> the smallest number behind a gradient.</summary>
    public int Draws => _draws;

    /// <summary>The quantity that is averaged before differentiation; by default the loss. Probabilities cost one more forward pass for each draw.</summary>
    public EotAverage Average
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(Average), value, "Average must be a known average.");
    }

    /// <summary>
    /// The largest number of draws behind a gradient, at least <see cref="Draws"/>. Gradient queries of <see cref="Draws"/> draws each are repeated, at
    /// least twice, until the signal is clear or the next query would exceed this number. By default (null) one query.
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
        return MeanAnswer.Of(Inner.ComputeLogits(x, _draws)).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of single draws of the model, (N, …) → (draws, N, classes): these decide whether an example is finished.</summary>
    /// <remarks>Of the model, not of this view: an example is finished when the model is fooled, and the model answers with a single draw.</remarks>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Inner.ComputeLogits(x, draws);

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        !IsRandom ? Inner.ComputeGradient(x, loss, 1)
        : MostDraws is { } most ? ClearGradient.Find(() => AverageGradient(x, loss), most / _draws, ClearSignal)
        : AverageGradient(x, loss);

    /// <summary>The signal-to-noise ratio of the gradient of a loss averaged over <see cref="Draws"/> fresh draws (at least 2).</summary>
    /// <param name="x">The batch.</param>
    /// <param name="loss">The loss of each example, from the logits: (N, classes) → (N,). Computed for single draws.</param>
    /// <exception cref="InvalidOperationException">There is a single draw.</exception>
    public GradientSignal Signal(Tensor x, Func<Tensor, Tensor> loss)
    {
        Require.Batch(x, nameof(x));
        Require.NotNull(loss, nameof(loss));
        if (_draws < 2) throw new InvalidOperationException("The noise cannot be estimated from one draw. Average over 2 draws or more.");
        using var moments = new GradientMoments(x);
        for (var draw = 0; draw < _draws; draw++)
        {
            using var sample = Inner.ComputeGradient(x, loss);
            moments.Add(sample.Gradient);
        }

        return new GradientSignal(moments.PerElement(), moments.PerExample(), _draws);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) =>
        IsRandom ? MeanJacobian(() => Inner.ComputeJacobian(x)) : Inner.ComputeJacobian(x);

    /// <remarks>On a random model the Jacobian of the mean needs all classes: the slopes of functions of the mean are known after the last draw.</remarks>
    internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read) =>
        IsRandom ? base.EachGradient(x, outputs, read) : Inner.EachGradient(x, outputs, read);

    /// <inheritdoc/>
    /// <remarks>The members of the model, each averaged over the draws. Otherwise an attack on members would attack their mean as one model.</remarks>
    public override IReadOnlyList<double> MemberShares => Inner.MemberShares;

    /// <inheritdoc/>
    protected internal override Tensor ComputeMemberLogits(Tensor x)
    {
        if (MemberShares.Count == 1) return base.ComputeMemberLogits(x);
        if (!IsRandom) return Inner.ComputeMemberLogits(x);
        using var scope = NewDisposeScope();
        var answer = new MeanAnswer(Inner.ComputeMemberLogits(x));
        for (var draw = 1; draw < _draws; draw++)
        {
            using var step = NewDisposeScope();
            answer.Add(Inner.ComputeMemberLogits(x));
        }
        return answer.Log().MoveToOuterDisposeScope();
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
    private (Tensor Jacobian, Tensor Logits) MeanJacobian(Func<(Tensor Jacobian, Tensor Logits)> query)
    {
        using var scope = NewDisposeScope();
        var (jacobian, logits) = query();
        var answer = new MeanAnswer(logits);
        for (var draw = 1; draw < _draws; draw++)
        {
            using var step = NewDisposeScope();
            var (next, nextLogits) = query();
            jacobian.add_(next);
            answer.Add(nextLogits);
        }
        return (jacobian.div_(_draws).MoveToOuterDisposeScope(), answer.Log().MoveToOuterDisposeScope());
    }

    private LossGradient AverageGradient(Tensor x, Func<Tensor, Tensor> loss) => Average == EotAverage.Losses
        ? Inner.ComputeGradient(x, loss, _draws)
        : MeanProbabilities.ComputeGradient(Inner, x, loss, _draws);
}

/// <summary>The quantity that is averaged over draws before differentiation.</summary>
public enum EotAverage
{
    /// <summary>The loss: the gradient is the mean of the gradients of all draws.</summary>
    Losses,

    /// <summary>
    /// The probabilities: the loss is that of the logarithm of the mean probabilities. For models that decide by averaging probabilities;
    /// draws on which the attack is hopeless count less.
    /// </summary>
    Probabilities,
}

/// <summary>A gradient averaged over as many queries as its signal needs to stand out of the noise.</summary>
internal static class ClearGradient
{
    /// <summary>
    /// The means over gradient queries. They are repeated until half of the examples are clear, or <paramref name="most"/>
    /// queries were made; at least two if allowed.
    /// </summary>
    /// <param name="query">Makes one fresh gradient query.</param>
    /// <param name="most">The largest number of queries, at least 1.</param>
    /// <param name="ratio">The signal-to-noise ratio of a clear example.</param>
    internal static LossGradient Find(Func<LossGradient> query, int most, double ratio)
    {
        using var scope = NewDisposeScope();
        var first = query();
        var (losses, answer) = (first.Loss, new MeanAnswer(first.Logits));
        using var moments = new GradientMoments(first.Gradient);
        moments.Add(first.Gradient);
        while (moments.Count < most && !moments.IsClear(ratio))
        {
            using var inner = NewDisposeScope();
            var next = query();
            moments.Add(next.Gradient);
            losses.add_(next.Loss);
            answer.Add(next.Logits);
        }

        return new LossGradient(moments.Mean.clone(), losses / moments.Count, answer.Log()).MoveToOuterDisposeScope();
    }
}
