using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Several models attacked at once: losses and gradients are means over the models, logits the logarithm of the mean probabilities.</summary>
/// <remarks>
/// An example counts as done when more than half of the models' answers meet the goal; a joint attack that must fool all models uses
/// its confidence, or validation on further models. Source: Liu et al. 2017, section 4; Ge et al. 2020 ("Multi-8", sum of the hinge losses).
/// </remarks>
public sealed class Surrogates : ModelView
{
    private readonly IReadOnlyList<ModelView> _models;

    /// <summary>Attacks all of the models together; they must agree on bounds.</summary>
    public Surrogates(IReadOnlyList<ModelView> models)
    {
        _models = [.. Require.NotEmpty(models, nameof(models))];
        if (_models.Any(model => model.Bounds != _models[0].Bounds))
            throw new ArgumentException("models must all have the same bounds; wrap each network with the same Bounds and its own preprocessing.", nameof(models));
        Networks = [.. _models.SelectMany(model => model.Networks)];
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<ModelView> Models => _models;

    /// <inheritdoc/>
    public override Bounds Bounds => _models[0].Bounds;

    /// <inheritdoc/>
    public override long Classes => _models[0].Classes;

    /// <inheritdoc/>
    public override Queries Queries => _models.Aggregate(default(Queries), (sum, model) => sum + model.Queries);

    /// <inheritdoc/>
    public override bool IsRandom => _models.Any(model => model.IsRandom);

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> Networks { get; }

    /// <inheritdoc/>
    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => [.. _models.SelectMany(model => model.ChannelsLastNetworks(exact))];

    /// <inheritdoc/>
    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var scope = NewDisposeScope();
        return stack(_models.Select(model => model.ComputeLogits(x).softmax(-1)).ToArray()).mean([0]).log().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) =>
        Mean(_models.Select(model => (Func<LossGradient>)(() => model.ComputeGradient(x, loss))));

    /// <inheritdoc/>
    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss, int draws) =>
        Mean(_models.Select(model => (Func<LossGradient>)(() => model.ComputeGradient(x, loss, model.IsRandom ? draws : 1))));

    /// <inheritdoc/>
    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var scope = NewDisposeScope();
        var parts = _models.Select(model => model.ComputeJacobian(x)).ToArray();
        var jacobian = stack(parts.Select(part => part.Jacobian).ToArray()).mean([0]);
        var logits = stack(parts.Select(part => part.Logits.softmax(-1)).ToArray()).mean([0]).log();
        return (jacobian.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    // One look after another, each graph released before the next.
    private LossGradient Mean(IEnumerable<Func<LossGradient>> looks)
    {
        using var scope = NewDisposeScope();
        Tensor? gradient = null, loss = null, probabilities = null;
        foreach (var take in looks)
        {
            using var look = take();
            using var share = look.Logits.softmax(-1);
            gradient = gradient is null ? look.Gradient.clone() : gradient.add_(look.Gradient);
            loss = loss is null ? look.Loss.clone() : loss.add_(look.Loss);
            probabilities = probabilities is null ? share.clone() : probabilities.add_(share);
        }
        var count = _models.Count;
        return new LossGradient(gradient!.div_(count), loss!.div_(count), probabilities!.div_(count).log_()).MoveToOuterDisposeScope();
    }
}
