namespace Defenses.Layers;

/// <summary>A layer that keeps units with probabilities made of its input, and scales them by those.</summary>
public interface ISamplingProbabilities
{
    /// <summary>Whether the backward pass also differentiates the probabilities; off by default, as in the papers.</summary>
    bool DifferentiateProbabilities { get; set; }
}
