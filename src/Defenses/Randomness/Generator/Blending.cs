namespace Defenses.Randomness;

/// <summary>Replaces random numbers by what a layer makes of them and of its input.</summary>
/// <param name="x">The whole input, in the order of memory.</param>
/// <param name="start">Where the piece that the numbers are for begins in it.</param>
/// <param name="numbers">The random numbers of the piece; the result goes in their place.</param>
internal delegate void Blending(ReadOnlySpan<float> x, int start, Span<float> numbers);
