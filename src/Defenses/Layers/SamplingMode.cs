namespace Defenses.Layers;

/// <summary>How a layer that keeps units or rows with given probabilities draws them.</summary>
public enum SamplingMode
{
    /// <summary>Each is kept by itself, with its probability of being drawn at least once. The same mean; fast: the default.</summary>
    Bernoulli,

    /// <summary>The papers' way: a number of draws with replacement, and what was drawn at least once is kept.</summary>
    Categorical,
}
