namespace Defenses.Zoo;

/// <summary>What is known about where the images of a <see cref="DataSet"/> come from.</summary>
public enum Provenance
{
    /// <summary>The structure of the files is right, but their content is not one that is known: figures are those of this copy.</summary>
    Unknown,

    /// <summary>The content of every file is that of the official release (SHA-256 compared).</summary>
    Official,

    /// <summary>The content is a known lossy copy (CIFAR-10 re-encoded as JPEG): figures are not exactly comparable with published ones.</summary>
    Reencoded,

    /// <summary>The images were drawn by a program from a seed.</summary>
    Generated,
}
