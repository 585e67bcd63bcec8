namespace Defenses.Randomness;

/// <summary>A module whose backward pass an attacker may replace by that of a smoother function, with an unchanged forward pass.</summary>
/// <remarks>Source: Athalye, Carlini and Wagner 2018, section 4.1 (BPDA).</remarks>
public interface ISurrogateGradient
{
    /// <summary>Whether the backward pass differentiates the surrogate; off by default.</summary>
    bool UseSurrogate { get; set; }
}
