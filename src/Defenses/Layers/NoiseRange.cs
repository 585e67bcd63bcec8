namespace Defenses.Layers;

/// <summary>Which activations the smallest and largest noise value of <see cref="RandomSpiking"/> are taken from.</summary>
public enum NoiseRange
{
    /// <summary>All activations of the batch, as in the paper: the output of one example depends on the others.</summary>
    Batch,

    /// <summary>The activations of the example itself.</summary>
    Sample,
}
