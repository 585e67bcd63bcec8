using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Several models attacked at once: losses and gradients are means over the models, logits the logarithm of the mean probabilities.</summary>
/// <remarks>
/// The models are surrogates of an unknown model, or the members of a randomized ensemble that answers with one random member; then the means are exact
/// expectations. An example is finished when the mean probabilities meet the goal (on random models: most of their draws). A joint attack that must fool
/// all of them is <c>CarliniWagner</c> with <c>Unanimous</c>; validation on further models measures how well its examples transfer. Source: Liu et al. 2017,
/// section 4; Ge et al. 2020 ("Multi-8").
/// </remarks>
public sealed class Surrogates : ModelView
{
    private readonly IReadOnlyList<ModelView> _models;
    private readonly double[] _shares;

    /// <summary>A joint view of several models, which must have the same bounds.</summary>
    /// <param name="models">At least one.</param>
    /// <param name="probabilities">The weight of each model, or the probability with which it answers: above 0, summing to 1. By default all equal.</param>
    /// <exception cref="ArgumentException">Bounds differ, or the probabilities are invalid.</exception>
    public Surrogates(IReadOnlyList<ModelView> models, IReadOnlyList<double>? probabilities = null)
    {
        _models = [.. Require.NotEmpty(models, nameof(models))];
        if (_models.Any(model => model.Bounds != _models[0].Bounds))
            throw new ArgumentException(
                "models must all have the same bounds; wrap each network with the same Bounds and its own preprocessing.", nameof(models));
        _shares = [.. probabilities ?? [.. Enumerable.Repeat(1.0 / _models.Count, _models.Count)]];
        if (_shares.Length != _models.Count || !_shares.All(share => share > 0) || Math.Abs(_shares.Sum() - 1) > 1e-6)
            throw new ArgumentException(
                $"probabilities must be {_models.Count} numbers above 0 that sum to 1, one for each model; they are [{string.Join(", ", _shares)}].",
                nameof(probabilities));
        Networks = [.. _models.SelectMany(model => model.Networks)];
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<ModelView> Models => _models;

    /// <summary>The probability with which each model answers.</summary>
    public IReadOnlyList<double> Probabilities => _shares;

    /// <inheritdoc/>
    public override Bounds Bounds => _models[0].Bounds;

    /// <inheritdoc/>
    public override long Classes => _models[0].Classes;

    /// <inheritdoc/>
    /// <remarks>A pass counts once, also where several of the models are views of one classifier.</remarks>
    public override Queries Queries => Counters.Select(counter => counter.Total)
        .Concat(_models.Where(model => model.Counters.Count == 0).Select(model => model.Queries)).Aggregate(default(Queries), (sum, each) => sum + each);

    /// <inheritdoc/>
    public override bool IsRandom => _models.Any(model => model.IsRandom);

    /// <summary>What all of the models answer with.</summary>
    public override ModelAnswers Answers => _models.Min(model => model.Answers);

    /// <inheritdoc/>
    internal override bool HasRoughGradients => _models.Any(model => model.HasRoughGradients);

    /// <inheritdoc/>
    internal override string WithoutGradient => _models.MinBy(model => model.Answers)!.WithoutGradient;

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks { get; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) =>
        [.. _models.SelectMany(model => model.ChannelsLastNetworks(exact))];

    /// <inheritdoc/>
    public override IReadOnlyList<double> MemberShares => _shares;

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Mean(_models.Select(model => model.ComputeLogits(x))).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => Mean(model => model.ComputeGradient(x, loss));

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        Mean(model => model.ComputeGradient(x, loss, model.IsRandom ? draws : 1));

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var scope = NewDisposeScope();
        var parts = _models.Select(model => model.ComputeJacobian(x)).ToArray();
        var jacobian = Weighted(parts.Select(part => part.Jacobian));
        var logits = Mean(parts.Select(part => part.Logits));
        return (jacobian.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    protected internal override Tensor ComputeMemberLogits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return stack(_models.Select(model => model.ComputeLogits(x)).ToArray()).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeMemberJacobian(int member, Tensor x, Func<Tensor, Tensor> outputs) =>
        _models[member].ComputeJacobian(x, outputs);

    /// <inheritdoc/>
    internal override ModelView Bind(QueryTally tally)
    {
        ModelView[] bound = [.. _models.Select(model => model.Bind(tally))];
        return bound.SequenceEqual(_models) ? this : new Surrogates(bound, _shares);
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<PassCounter> Counters => [.. _models.SelectMany(model => model.Counters).Distinct()];

    /// <inheritdoc/>
    internal override IReadOnlyList<QueryTally> Tallies => [.. _models.SelectMany(model => model.Tallies).Distinct()];

    // One query after another; each graph is released before the next query.
    private LossGradient Mean(Func<ModelView, LossGradient> take)
    {
        using var scope = NewDisposeScope();
        Tensor? gradient = null, loss = null;
        MeanAnswer? answer = null;
        foreach (var (model, share) in _models.Zip(_shares))
        {
            using var part = take(model);
            (gradient, loss) = (Add(gradient, part.Gradient, share), Add(loss, part.Loss, share));
            answer = Join(answer, part.Logits, share);
        }
        return new LossGradient(gradient!, loss!, answer!.Log(divide: false)).MoveToOuterDisposeScope();
    }

    // The logarithm of the mean probabilities.
    private Tensor Mean(IEnumerable<Tensor> logits) =>
        logits.Zip(_shares).Aggregate(default(MeanAnswer), (sum, part) => Join(sum, part.First, part.Second))!.Log(divide: false);

    private static MeanAnswer Join(MeanAnswer? sum, Tensor logits, double share)
    {
        if (sum is null) return new MeanAnswer(logits, share);
        sum.Add(logits, share, fused: true);
        return sum;
    }

    private Tensor Weighted(IEnumerable<Tensor> parts) => parts.Zip(_shares).Aggregate(default(Tensor), (sum, part) => Add(sum, part.First, part.Second))!;

    private static Tensor Add(Tensor? sum, Tensor part, double share) => sum is null ? part * share : sum.add_(part, alpha: share);
}
