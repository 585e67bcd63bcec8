namespace Defenses.Layers;

/// <summary>How a layer draws the units or rows that it keeps with given probabilities.</summary>
public enum SamplingMode
{
    /// <summary>Each is kept independently, with its probability of being drawn at least once. Same mean, fast; the default.</summary>
    Bernoulli,

    /// <summary>As in the papers: a number of draws with replacement; everything that was drawn at least once is kept.</summary>
    Categorical,
}
