namespace Defenses.Papers;

/// <summary>The sizes of a run of the transfer protocol.</summary>
internal sealed record TransferSizes
{
    /// <summary>Training images (a random part of the set, another for each network), epochs, batch, and the rate of SGD.</summary>
    internal required (int Images, int Epochs, int Batch, double Rate) Training { get; init; }

    /// <summary>The attacker's networks of each kind.</summary>
    internal required int Surrogates { get; init; }

    /// <summary>Images attacked.</summary>
    internal required int Attacked { get; init; }

    /// <summary>ε in L∞, pixels in [0, 1]: where PGD transfers, but not to most images.</summary>
    internal required double Epsilon { get; init; }

    /// <summary>PGD's steps and restarts; the defaults are 100 and 5.</summary>
    internal (int Steps, int Restarts) Pgd { get; init; } = (100, 5);

    /// <summary>Points behind a gradient of variance tuning and of the gradient norm's penalty.</summary>
    internal (int Variance, int Penalty) Neighbors { get; init; } = (20, 8);

    /// <summary>Steps of the attacks made for transfer.</summary>
    internal int Steps { get; init; } = 20;

    /// <summary>The judge's decisions on each image.</summary>
    internal int JudgeDraws { get; init; } = 5;

    internal static TransferSizes Of(string preset, string dataSet, int? images)
    {
        var standard = Standard(preset, dataSet);
        return images is { } count ? standard with { Attacked = count } : standard;
    }

    internal string Describe() => FormattableString.Invariant(
        $"{Surrogates} + 1 networks of each of two kinds, trained on {Training.Images} images for {TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; ")
        + FormattableString.Invariant($"{Attacked} images attacked within ε {Epsilon:0.####}; {JudgeDraws} judgements of each by random networks");

    private static TransferSizes Standard(string preset, string dataSet)
    {
        var epsilon = dataSet switch { "cifar10" => 4 / 255d, "fashion-mnist" => 0.05, _ => 0.15 };
        return preset switch
        {
            "smoke" => new()
            {
                Training = (96, 1, 32, 0.05), Surrogates = 2, Attacked = 4, Epsilon = epsilon, Pgd = (3, 2), Steps = 2, JudgeDraws = 3,
            },
            "quick" => new()
            {
                Training = dataSet == "cifar10" ? (12_000, 6, 32, 0.02) : (10_000, 4, 64, 0.02), Surrogates = 3, Attacked = 500,
                Epsilon = epsilon, Pgd = (100, 1), Neighbors = (5, 4),
            },
            "long" => Standard("quick", dataSet) with
            {
                Training = dataSet == "cifar10" ? (20_000, 10, 32, 0.02) : (20_000, 5, 64, 0.02), Attacked = 1_000, JudgeDraws = 10,
            },
            _ => new() { Training = (30_000, 50, 128, 0.01), Surrogates = 8, Attacked = 2_000, Epsilon = epsilon, JudgeDraws = 100 },
        };
    }
}
