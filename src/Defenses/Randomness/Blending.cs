namespace Defenses.Randomness;

/// <summary>Replaces random numbers by what a layer makes of them and of its input.</summary>
/// <param name="x">A piece of the input, in the order of memory.</param>
/// <param name="numbers">The random numbers for it; the result goes in their place.</param>
/// <param name="start">Where the piece begins in the input's memory.</param>
internal delegate void Blending(ReadOnlySpan<float> x, Span<float> numbers, int start);
