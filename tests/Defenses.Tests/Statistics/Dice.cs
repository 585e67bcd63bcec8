namespace Defenses.Tests.Statistics;

/// <summary>A seeded stream of numbers for simulations: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Uniform on [0, 1).</summary>
    internal double Uniform()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return ((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
    }

    /// <summary>Normal of mean 0 and deviation 1 (Box and Muller 1958).</summary>
    internal double Normal() => Math.Sqrt(-2 * Math.Log(1 - Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    /// <summary>How many of <paramref name="trials"/> succeed.</summary>
    internal int Successes(int trials, double probability)
    {
        var count = 0;
        for (var i = 0; i < trials; i++) if (Uniform() < probability) count++;
        return count;
    }

    /// <summary>Uniform on 0 … count − 1.</summary>
    internal long Index(long count) => (long)(Uniform() * count);

    /// <summary>The share of <paramref name="runs"/> in which the event happens.</summary>
    internal static double Share(int runs, ulong seed, Func<Dice, bool> happens)
    {
        var dice = new Dice(seed);
        var count = 0;
        for (var run = 0; run < runs; run++) if (happens(dice)) count++;
        return (double)count / runs;
    }

    /// <summary>The least rate that agrees with the nominal one in a simulation of the given number of runs: four standard errors below it.</summary>
    internal static double AtLeast(double nominal, int runs) => nominal - 4 * Math.Sqrt(nominal * (1 - nominal) / runs);
}
