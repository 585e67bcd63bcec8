namespace Defenses.Layers;

/// <summary>Who shares one threshold of <see cref="RandomizedJumpReLU"/> in a fresh call.</summary>
public enum ThresholdPer
{
    /// <summary>One threshold for the whole batch, as in the paper.</summary>
    Batch,

    /// <summary>A threshold for each example.</summary>
    Sample,
}
