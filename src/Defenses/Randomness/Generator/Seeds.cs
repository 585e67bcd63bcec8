using System.Text;

namespace Defenses.Randomness;

/// <summary>Derives independent seeds from a seed and a purpose. They are the same on every machine and in every version.</summary>
internal static class Seeds
{
    /// <summary>An unpredictable seed from the operating system.</summary>
    internal static ulong Unpredictable()
    {
        Span<byte> bytes = stackalloc byte[8];
        System.Security.Cryptography.RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }

    internal static ulong Combine(ulong seed, ulong part) => Mix(Mix(seed) + 0x9E3779B97F4A7C15UL * (part + 1));

    internal static ulong Combine(ulong seed, long part) => Combine(seed, unchecked((ulong)part));

    internal static ulong Combine(ulong seed, string part)
    {
        var hash = 0xCBF29CE484222325UL;   // FNV-1a over UTF-8
        foreach (var b in Encoding.UTF8.GetBytes(part)) hash = (hash ^ b) * 0x100000001B3UL;
        return Combine(seed, hash);
    }

    /// <summary>SplitMix64's finalizer (Steele, Lea, Flood 2014): a bijection in which every input bit affects all output bits.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
