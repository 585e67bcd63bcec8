using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>What detectors take from a model: of a classifier answers with a graph, of any other view answers without one.</summary>
internal static class ModelReading
{
    /// <summary>The logits of several fresh draws, (N, …) → (draws, N, classes); connected to the images where the model is a classifier.</summary>
    internal static Tensor Logits(ModelView model, Tensor images, int draws) =>
        model is Classifier classifier ? classifier.LogitsOfDraws(images, draws) : model.ComputeLogits(images, draws);

    /// <summary>The networks behind a model; none of an oracle.</summary>
    internal static IReadOnlyList<nn.Module> Networks(ModelView model) =>
        model is Classifier classifier ? [classifier.Network] : [.. model.Networks.Distinct<nn.Module>(ReferenceEqualityComparer.Instance)];

    /// <summary>Lends streams from a seed until the result is disposed; null without a seed.</summary>
    internal static IDisposable? LendStreams(ModelView model, ulong? seed) =>
        seed is null ? null : model is Classifier classifier ? classifier.Network.LendStreams(seed) : model.LendNumbers(seed);

    /// <summary>A model that gives scores.</summary>
    /// <exception cref="ArgumentException">It gives decisions only.</exception>
    internal static ModelView WithScores(ModelView model, string what) => Require.NotNull(model, nameof(model)).Answers > ModelAnswers.Decisions
        ? model
        : throw new ArgumentException($"model must give scores, which {what} compares; a {model.GetType().Name} gives decisions only. " +
            "Give a ScoreOracle or a Classifier, or use a SamplingDetector with SamplingStatistic.VoteEntropy.", nameof(model));
}
