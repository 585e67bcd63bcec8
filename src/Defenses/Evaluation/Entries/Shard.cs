using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Defenses.Evaluation;

/// <summary>One of several parts of an evaluation, each run by a separate process: every n-th block of images, starting with block i.</summary>
public readonly record struct Shard : IParsable<Shard>
{
    /// <summary>A part of an evaluation.</summary>
    /// <param name="index">The number of this part, from 0 to <paramref name="count"/> − 1.</param>
    /// <param name="count">The number of parts, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Shard(int index, int count)
    {
        Count = Require.AtLeast(count, 1, nameof(count));
        Index = Require.Below(index, 0, count, nameof(index));
    }

    /// <summary>The number of this part, from 0.</summary>
    public int Index { get; }

    /// <summary>The number of parts.</summary>
    public int Count { get; }

    /// <summary>Reads "i/n", such as "0/4" to "3/4".</summary>
    /// <param name="text">The number of the part, a slash, and the number of parts.</param>
    /// <param name="provider">Not used: the text is the same in every culture.</param>
    /// <exception cref="FormatException">The text has another form.</exception>
    public static Shard Parse(string text, IFormatProvider? provider = null) => TryParse(Require.NotNull(text, nameof(text)), provider, out var shard)
        ? shard
        : throw new FormatException($"A shard must be written i/n, with i from 0 to n − 1, such as 0/4; it is '{text}'.");

    /// <summary>Reads "i/n" if the text has this form.</summary>
    /// <param name="text">The number of the part, a slash, and the number of parts.</param>
    /// <param name="provider">Not used: the text is the same in every culture.</param>
    /// <param name="shard">The shard; the default value if the text has another form.</param>
    /// <returns>Whether the text has this form.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, IFormatProvider? provider, out Shard shard)
    {
        shard = default;
        if (text?.Split('/') is not [var first, var second] || !Number(first, out var index) || !Number(second, out var count) || index >= count) return false;
        shard = new Shard(index, count);
        return true;
    }

    /// <summary>"0/4".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal bool Has(long block) => block % Math.Max(1, Count) == Index;

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
