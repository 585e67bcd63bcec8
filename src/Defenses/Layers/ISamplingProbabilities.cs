namespace Defenses.Layers;

/// <summary>A layer that keeps units with probabilities computed from its input, and scales the kept units by 1/probability.</summary>
public interface ISamplingProbabilities
{
    /// <summary>Whether the backward pass also differentiates the probabilities; off by default, as in the papers.</summary>
    bool DifferentiateProbabilities { get; set; }
}
