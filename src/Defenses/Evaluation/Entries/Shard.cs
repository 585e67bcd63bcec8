using System.Globalization;

namespace Defenses.Evaluation;

/// <summary>One of several parts of an evaluation, each done by a process of its own: every n-th block of images, from the i-th on.</summary>
public readonly record struct Shard
{
    /// <summary>A part of an evaluation.</summary>
    /// <param name="index">Its number, from 0 to <paramref name="count"/> − 1.</param>
    /// <param name="count">How many parts there are, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public Shard(int index, int count)
    {
        Count = Require.AtLeast(count, 1, nameof(count));
        Index = Require.Below(index, 0, count, nameof(index));
    }

    /// <summary>Its number, from 0.</summary>
    public int Index { get; }

    /// <summary>How many parts there are.</summary>
    public int Count { get; }

    /// <summary>Reads "i/n", such as "0/4" to "3/4".</summary>
    /// <param name="text">The number, a slash, and how many parts there are.</param>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static Shard Parse(string text)
    {
        var parts = Require.NotNull(text, nameof(text)).Split('/');
        return parts.Length == 2 && Number(parts[0], out var index) && Number(parts[1], out var count) && index < count
            ? new Shard(index, count)
            : throw new FormatException($"A shard must be written i/n, with i from 0 to n − 1, such as 0/4; it is '{text}'.");
    }

    /// <summary>"0/4".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Index}/{Count}");

    internal bool Has(long block) => block % Math.Max(1, Count) == Index;

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
