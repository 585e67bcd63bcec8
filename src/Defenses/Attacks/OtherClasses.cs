using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The classes of each example besides one.</summary>
internal static class OtherClasses
{
    /// <summary>The values with another value at one class of each example, so that this class is never the best: (N, classes) → (N, classes).</summary>
    /// <param name="values">Logits or distances, (N, classes).</param>
    /// <param name="classes">The class to exclude, (N,) int64.</param>
    /// <param name="excluded">The value of that class; by default −∞, for a maximum over the others.</param>
    internal static Tensor Of(Tensor values, Tensor classes, double excluded = double.NegativeInfinity)
    {
        using var scope = NewDisposeScope();
        var index = classes.unsqueeze(1);
        return values.scatter(1, index, full_like(index, excluded, dtype: values.dtype)).MoveToOuterDisposeScope();
    }
}
