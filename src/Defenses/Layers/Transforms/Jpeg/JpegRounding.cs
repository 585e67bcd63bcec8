using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>JPEG's roundings to whole numbers, with the gradient of the identity.</summary>
internal static class JpegRounding
{
    /// <summary>⌊x + ½⌋.</summary>
    internal static Tensor HalfUp(Tensor x) => SurrogateGradient.Round(x, value => (value + 0.5).floor_());

    /// <summary>To the nearest whole number, halves away from zero.</summary>
    internal static Tensor HalfAway(Tensor x) => SurrogateGradient.Round(x, value => value.sign() * (value.abs() + 0.5).floor_());

    /// <summary>⌊x⌋.</summary>
    internal static Tensor Down(Tensor x) => SurrogateGradient.Round(x, value => value.floor());
}
