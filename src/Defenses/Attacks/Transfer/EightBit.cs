using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Images with 8 bits a channel, as in an image file.</summary>
internal static class EightBit
{
    private const double Levels = 255;

    /// <summary>The nearest of the 256 values between the bounds.</summary>
    internal static Tensor Round(Tensor x, Bounds bounds)
    {
        using var scope = NewDisposeScope();
        return ((x - bounds.Lower) * (Levels / bounds.Range)).round().mul_(bounds.Range / Levels).add_(bounds.Lower).clamp_(bounds.Lower, bounds.Upper)
            .MoveToOuterDisposeScope();
    }
}
