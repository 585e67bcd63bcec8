using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Runs a random network many times: its predictions agree on clean inputs and disagree on attacked inputs, which are near a boundary.</summary>
/// <remarks>
/// <para>For any random network: MVM, stochastic activation pruning, dropout that stays on, switching. Layers that compute probabilities from their
/// input and can keep them (<see cref="Layers.IFreezableProbabilities"/>) take them from one pass without sampling, and keep them in all passes.
/// Draws are made per example; a layer that draws once per batch uses one draw for the whole batch.</para>
/// <para>Source: Sheikholeslami, Jain and Giannakis (MVM): 100 passes, entropy of the predictions. Differs: nothing. The graph of a
/// differentiated score holds all passes; if they do not fit into memory, use fewer draws.</para>
/// <para>Known break: keep the wrong prediction stable over the draws (Carlini and Wagner 2017 against dropout: high
/// confidence on the mean of many draws).</para>
/// </remarks>
public sealed class SamplingDetector : Detector
{
    private readonly ModelView _model;

    /// <summary>A detector for a random network.</summary>
    /// <param name="model">A random model, in evaluation mode: a classifier, an oracle that says that it draws, or another view. Not owned.</param>
    /// <param name="statistic">By default <see cref="SamplingStatistic.VoteEntropy"/>.</param>
    /// <param name="draws">Passes for a score, at least 2; by default 100.</param>
    /// <exception cref="ArgumentException">The model gives decisions only, and the statistic compares scores.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than two draws.</exception>
    public SamplingDetector(ModelView model, SamplingStatistic? statistic = null, int draws = 100)
        : base((statistic is null || statistic == SamplingStatistic.VoteEntropy
            ? Require.NotNull(model, nameof(model)) : ModelReading.WithScores(model, $"{statistic}")).Bounds)
    {
        _model = model;
        Statistic = statistic ?? SamplingStatistic.VoteEntropy;
        Draws = Require.AtLeast(draws, 2, nameof(draws));
    }

    /// <summary>The statistic of the outputs.</summary>
    public SamplingStatistic Statistic { get; }

    /// <summary>The number of passes for a score.</summary>
    public int Draws { get; }

    /// <summary>Whether the model is a classifier: other views have gradients of losses only.</summary>
    public override bool IsDifferentiable => _model is Classifier;

    /// <inheritdoc/>
    protected internal override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        _model.RequireEvaluation();
        if (!_model.IsRandom)
            throw new InvalidOperationException(_model.Networks.Count == 0
                ? "The model says that it does not draw, so all its outputs agree and every score would be 0. Make an oracle that draws with isRandom: true."
                : "The network draws nothing, so all its outputs agree and every score would be 0. Insert a StochasticLayer that is active in evaluation, " +
                "and do not fix its draws.");
        using var scope = NewDisposeScope();
        using var streams = ModelReading.LendStreams(_model, seed);
        using var layout = is_grad_enabled() ? null : WeightLayout.ChannelsLast(_model.ChannelsLastNetworks(exact: false));   // a graph outlives the call
        using var held = CleanPass.HoldProbabilities(_model, images);
        return Statistic.Of(ModelReading.Logits(_model, images, Draws)).MoveToOuterDisposeScope();
    }
}

/// <summary>A pass without randomness, whose probabilities are kept for the passes after it.</summary>
internal static class CleanPass
{
    /// <summary>Runs the pass if a layer can keep probabilities; they are kept until the result is disposed.</summary>
    internal static IDisposable HoldProbabilities(ModelView model, Tensor images)
    {
        var active = ModelReading.Networks(model).SelectMany(network => network.StochasticLayers()).Select(found => found.Layer)
            .Where(layer => layer.IsActive).ToArray();
        var holders = active.OfType<IFreezableProbabilities>().ToArray();
        var held = new List<IDisposable>();
        var release = new Undo(() => held.ForEach(each => each.Dispose()));
        if (holders.Length == 0) return release;
        var others = active.Where(layer => layer is not IFreezableProbabilities).ToArray();
        try
        {
            foreach (var layer in others) layer.IsDisabled = true;
            foreach (var layer in holders) held.Add(layer.HoldProbabilities());
            model.ComputeLogits(images).Dispose();
        }
        catch
        {
            release.Dispose();
            throw;
        }
        finally
        {
            foreach (var layer in others) layer.IsDisabled = false;
        }
        return release;
    }
}
