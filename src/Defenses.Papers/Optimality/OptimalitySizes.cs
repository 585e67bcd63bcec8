namespace Defenses.Papers;

/// <summary>The sizes of a run of the optimality protocol.</summary>
internal sealed record OptimalitySizes
{
    /// <summary>Training images, epochs, batch, and the rate of SGD.</summary>
    internal required (int Images, int Epochs, int Batch, double Rate) Training { get; init; }

    /// <summary>What is done to find small changes.</summary>
    internal required OptimalityEffort Effort { get; init; }

    /// <summary>ε in L∞ and steps of the attack of adversarial training.</summary>
    internal required (double Epsilon, int Steps) Hardening { get; init; }

    /// <summary>σ of the noise before the first convolution; half of it before the others.</summary>
    internal required double Noise { get; init; }

    internal static OptimalitySizes Of(string preset, string dataSet, int? images)
    {
        var standard = Standard(preset, dataSet);
        return images is { } count ? standard with { Effort = standard.Effort with { Images = count } } : standard;
    }

    internal string Describe() => FormattableString.Invariant(
        $"three networks, trained on {Training.Images} images for {TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; ") + Effort.Describe();

    private static OptimalitySizes Standard(string preset, string dataSet)
    {
        var (epsilon, noise, norms) = (dataSet switch { "cifar10" => 8 / 255d, "fashion-mnist" => 0.05, _ => 0.1 }, dataSet == "cifar10" ? 0.05 : 0.2,
            SmallestAttacks.Norms.Keys.ToArray());
        return preset switch
        {
            "smoke" => new()
            {
                Training = (96, 1, 32, 0.05), Effort = new(3, norms, [1, 3], 2, 3), Hardening = (epsilon, 1), Noise = noise,
            },
            "quick" => new()
            {
                Training = dataSet == "cifar10" ? (12_000, 6, 32, 0.02) : (10_000, 4, 64, 0.02), Effort = new(20, norms, [10, 100], 3, 50),
                Hardening = (epsilon, 3), Noise = noise,
            },
            "long" => Standard("quick", dataSet) with
            {
                Training = dataSet == "cifar10" ? (20_000, 10, 32, 0.02) : (20_000, 5, 64, 0.02), Effort = new(50, norms, [10, 100, 1000], 4, 50),
            },
            _ => new()
            {
                Training = (30_000, 50, 128, 0.01), Effort = new(200, norms, [10, 100, 1000], 20, 100), Hardening = (epsilon, 20), Noise = noise,
            },
        };
    }
}
