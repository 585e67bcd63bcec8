namespace DefenseBench.Protocols.Spiking;

/// <summary>The sizes of a run of the Random Spiking protocol.</summary>
internal sealed record SpikingSizes
{
    /// <summary>The schemes to compare, by name.</summary>
    internal required string[] Schemes { get; init; }

    /// <summary>
    /// Training images of each model (a random part of the set, another for each model), epochs, batch, learning rate. At 0.05 some of these networks
    /// die in the first steps.
    /// </summary>
    internal required (int Images, int Epochs, int Batch, double Rate) Training { get; init; }

    /// <summary>Models of each scheme that the attacker attacks together, and those he validates on and is tested on.</summary>
    internal required (int Surrogates, int Validators) Models { get; init; }

    /// <summary>Images attacked.</summary>
    internal required int Attacked { get; init; }

    /// <summary>κ of C&amp;W on one model, and on several.</summary>
    internal required (double[] Single, double[] Multi) Margins { get; init; }

    /// <summary>Steps, rounds, learning rate and first constant of C&amp;W. Fewer steps need a higher rate, or black pixels never leave black.</summary>
    internal required (int Steps, int Rounds, double Rate, double Constant) Search { get; init; }

    /// <summary>Draws behind a gradient of the attacker who averages.</summary>
    internal required int EotDraws { get; init; }

    /// <summary>The judge's decisions on each attacked image.</summary>
    internal required int JudgeDraws { get; init; }

    /// <summary>Images and noises of each for the stability of predictions.</summary>
    internal required (int Images, int Repeats) Stability { get; init; }

    /// <summary>Test images for the accuracy.</summary>
    internal required int AccuracyImages { get; init; }

    /// <summary>L2 lengths of the noise.</summary>
    internal double[] Distances { get; init; } = [0, 1, 2, 3, 4, 5];

    /// <summary>JPEG qualities.</summary>
    internal int[] Qualities { get; init; } = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];

    /// <summary>Edges of the buckets of L2 distance; the last is √784, the diagonal of the images.</summary>
    internal double[] Edges { get; init; } = [0, 1.5, 2, 2.5, 3, 3.5, 4, 5, 28];

    internal static SpikingSizes Of(string preset) => preset switch
    {
        "smoke" => new()
        {
            Schemes = ["standard", "RS-1"], Training = (64, 1, 32, 0.01), Models = (1, 2), Attacked = 3, Margins = ([0], [0]), Search = (6, 2, 1.5, 1), EotDraws = 2,
            JudgeDraws = 1, Stability = (5, 2), AccuracyImages = 10, Distances = [0, 2], Qualities = [10, 100],
        },
        "quick" => new()
        {
            Schemes = ["standard", "dropout", "RS-1"], Training = (5_000, 3, 32, 0.01), Models = (2, 3), Attacked = 16, Margins = ([0, 5], [0, 5]),
            Search = (120, 4, 0.1, 1), EotDraws = 4, JudgeDraws = 5, Stability = (100, 5), AccuracyImages = 500, Qualities = [10, 30, 50, 70, 90, 100],
        },
        _ => new()
        {
            Schemes = ["standard", "dropout", "distillation", "RS-1", "RS-1-dropout"], Training = (30_000, 50, 128, 0.01), Models = (8, 8), Attacked = 500,
            Margins = ([0, 5, 10, 15], [0, 5, 10, 15]), Search = (1_000, 9, 0.01, 1e-3), EotDraws = 20, JudgeDraws = 100, Stability = (1_000, 20),
            AccuracyImages = 10_000,
        },
    };

    internal string Describe() =>
        $"{Schemes.Length} schemes, {Models.Surrogates} + {Models.Validators} models each, trained on {Training.Images} images for {Training.Epochs} epochs; {Attacked} images attacked by C&W with " +
        $"{Search.Rounds} × {Search.Steps} steps; {JudgeDraws} judgements of each; stability on {Stability.Images} images, {Stability.Repeats} noises each";
}
