namespace Defenses.Papers;

/// <summary>What a part of a protocol that takes fewer images takes when another number is attacked than the preset's.</summary>
internal static class ScaledImages
{
    /// <summary>The same share of the images as before, rounded, at least one.</summary>
    /// <param name="part">What the part takes of the preset's number.</param>
    /// <param name="whole">The preset's number.</param>
    /// <param name="images">The number asked for.</param>
    internal static int Of(int part, int whole, int images) => Math.Clamp((int)Math.Round((double)part * images / whole), 1, images);
}
