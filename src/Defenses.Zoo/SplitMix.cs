namespace Defenses.Zoo;

/// <summary>A small generator of uniform numbers (SplitMix64: Steele, Lea, Flood 2014) with a state of 64 bits.</summary>
/// <remarks>
/// The Zoo needs random numbers that are the same on every machine, are cheap to seed for each of 60,000 images, and do not use torch, so that
/// several threads can generate images. Only integer arithmetic, additions and multiplications are used: no function whose last
/// digit depends on the machine's mathematical library.
/// </remarks>
internal struct SplitMix(ulong state)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state = state;

    /// <summary>A generator for one item of a numbered family: it depends only on the seed and the item.</summary>
    public static SplitMix For(ulong seed, ulong stream, ulong item) => new(Mix(Mix(Mix(seed + Golden) ^ stream) + (item * Golden)));

    public ulong Next() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + ((high - low) * Uniform());

    public bool Bernoulli(double probability) => Uniform() < probability;

    /// <summary>Uniform on 0 … count − 1; the bias is below count / 2⁶⁴.</summary>
    public int Index(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>Approximately normal, mean 0, variance 1, within ±3.5: the centered sum of four uniform numbers, 16 bits each.</summary>
    public double ApproximateNormal()
    {
        var bits = Next();
        var sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return (sum - 131070.0) * (1.7320508075688772 / 65536.0);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
