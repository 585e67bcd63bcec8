namespace Defenses.Models;

/// <summary>The number type of the passes that compute gradients. Forward passes without a gradient keep the type of the weights.</summary>
public enum GradientPrecision
{
    /// <summary>The number type of the network's weights, usually float32; the default.</summary>
    Float32,

    /// <summary>bfloat16 where the processor is faster in it, as measured once in each process; elsewhere as <see cref="Float32"/>.</summary>
    BFloat16,

    /// <summary>bfloat16 also where it is slower: for tests and comparisons.</summary>
    BFloat16Everywhere,
}
