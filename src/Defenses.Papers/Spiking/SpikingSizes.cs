using Defenses.Attacks;

namespace Defenses.Papers;

/// <summary>The sizes of a run of the Random Spiking protocol, by preset and data set.</summary>
internal sealed record SpikingSizes
{
    /// <summary>The schemes to compare, by name.</summary>
    internal required string[] Schemes { get; init; }

    /// <summary>The network behind all of them. At a rate of 0.05 some of the small ones die in the first steps.</summary>
    internal required SpikingNetwork Network { get; init; }

    /// <summary>Training images of each model (a random part of the set, another for each model), epochs, batch.</summary>
    internal required (int Images, int Epochs, int Batch) Training { get; init; }

    /// <summary>Models of each scheme that the attacker attacks together, and those he validates on and is tested on.</summary>
    internal required (int Surrogates, int Validators) Models { get; init; }

    /// <summary>Images attacked.</summary>
    internal required int Attacked { get; init; }

    /// <summary>κ of C&amp;W on one model, and on several.</summary>
    internal required (double[] Single, double[] Multi) Margins { get; init; }

    /// <summary>Steps, rounds, learning rate and first constant of C&amp;W. Fewer steps need a higher rate, or black pixels never leave black.</summary>
    internal required (int Steps, int Rounds, double Rate, double Constant) Search { get; init; }

    /// <summary>RS-1-adv: examples crafted at each κ, the largest L2 to keep, and how many are added at most.</summary>
    internal required (int PerConfidence, double Largest, int Most) Augmentation { get; init; }

    /// <summary>The κ that RS-1-adv crafts at.</summary>
    internal required IReadOnlyList<double> AugmentationMargins { get; init; }

    /// <summary>MagNet: epochs, batch and rate of the auto-encoders (few epochs need a higher one than Adam's 0.001), noise on their inputs, and the
    /// share of clean images that each detector may refuse.</summary>
    internal required (int Epochs, int Batch, double Rate, double Noise, double Refused) MagNet { get; init; }

    /// <summary>Clean images, used for no training, that MagNet's thresholds are chosen on.</summary>
    internal required int Calibration { get; init; }

    /// <summary>Region-based classification: half the width of the cube, points in it, and decisions to judge an image by.</summary>
    internal required (double Radius, int Points, int Decisions) Region { get; init; }

    /// <summary>Directions around an image that OPTMARGIN attacks at once; 19 in its authors' code.</summary>
    internal required int Directions { get; init; }

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

    /// <summary>Edges of the buckets of L2 distance; the last is √784 or more, the diagonal of the images.</summary>
    internal double[] Edges { get; init; } = [0, 1.5, 2, 2.5, 3, 3.5, 4, 5, 28];

    internal static SpikingSizes Of(string preset, string dataSet, int? images = null) => images is { } count
        ? Standard(preset, dataSet) with { Attacked = count } : Standard(preset, dataSet);

    private static SpikingSizes Standard(string preset, string dataSet) => dataSet switch
    {
        "fashion-mnist" => Grey(preset) with
        {
            Network = preset == "paper" ? SpikingNetwork.Wide(1)
                : SpikingNetwork.Valid(0.01, "in place of the paper's WRN-28-10: a smaller network for a quick look"),
            Training = preset == "paper" ? (30_000, 200, 128) : Grey(preset).Training,
            Margins = preset == "paper" ? Paper(PaperData.FashionMnist) : Grey(preset).Margins,
            Augmentation = Grey(preset).Augmentation with { Largest = preset == "paper" ? 1 : Grey(preset).Augmentation.Largest },
            AugmentationMargins = preset == "paper" ? Presets.RandomSpikingConfidences(PaperData.FashionMnist) : Grey(preset).AugmentationMargins,
            MagNet = Grey(preset).MagNet with { Refused = 0.004 }, Region = SmallRegion(preset), Edges = [0, 0.5, 1, 1.5, 2, 3, 4, 28],
            Distances = preset == "smoke" ? [0, 2] : [0, 1, 2, 2.5, 3, 4, 5],
        },
        "cifar10" => Grey(preset) with
        {
            Network = preset == "paper" ? SpikingNetwork.Wide(3) : SpikingNetwork.Narrow(0.02, preset is "quick" or "long" ? 24 : 8),
            Training = preset switch { "paper" => (25_000, 200, 128), "quick" or "long" => (12_000, 6, 32), _ => Grey(preset).Training },
            Attacked = preset switch { "quick" => 24, "long" => 60, _ => Grey(preset).Attacked },
            Models = preset is "quick" or "long" ? (2, 2) : Grey(preset).Models,
            Margins = preset == "paper" ? Paper(PaperData.Cifar10) : Grey(preset).Margins,
            Augmentation = Grey(preset).Augmentation with { PerConfidence = preset == "paper" ? 2_000 : Grey(preset).Augmentation.PerConfidence,
                Largest = preset == "paper" ? 1 : Grey(preset).Augmentation.Largest },
            AugmentationMargins = preset == "paper" ? Presets.RandomSpikingConfidences(PaperData.Cifar10) : Grey(preset).AugmentationMargins,
            MagNet = Grey(preset).MagNet with { Epochs = preset == "paper" ? 400 : Grey(preset).MagNet.Epochs, Noise = 0.025, Refused = 0.004 },
            Region = SmallRegion(preset), Distances = preset == "smoke" ? [0, 1] : [0, 0.5, 1, 1.5, 2, 2.5, 3], Edges = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 56],
        },
        _ => Grey(preset),
    };

    internal string Describe() =>
        $"{Schemes.Length} schemes, {Models.Surrogates} + {Models.Validators} models each, trained on {Training.Images} images for "
            + $"{TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; {TextFormat.Counted(Attacked, "image", "images")} attacked by C&W with " +
        $"{Search.Rounds} × {Search.Steps} steps; {JudgeDraws} judgements of each; stability on {Stability.Images} images, {Stability.Repeats} noises each";

    private static (double, int, int) SmallRegion(string preset) => Grey(preset).Region with { Radius = 0.02, Points = preset == "paper" ? 1_000
        : Grey(preset).Region.Points };

    private static (double[], double[]) Paper(PaperData data) =>
        ([.. Presets.RandomSpikingConfidences(data)], [.. Presets.RandomSpikingConfidences(data, joint: true)]);

    private static SpikingSizes Grey(string preset) => preset switch
    {
        "smoke" => new()
        {
            Schemes = ["standard", "RS-1", "RS-1-adv", "RS-1 (vote)", "MagNet", "RC"], Network = SpikingNetwork.Valid(0.01, "for a quick look"),
            Training = (64, 1, 32), Models = (1, 2), Attacked = 2,
            Margins = ([0], [0]), Search = (6, 2, 1.5, 1), Augmentation = (48, 28, 8), AugmentationMargins = [0], MagNet = (1, 32, 0.01, 0.1, 0.05),
            Calibration = 20, Region = (0.4, 4, 1), Directions = 3,
            EotDraws = 2, JudgeDraws = 1, Stability = (5, 2), AccuracyImages = 10, Distances = [0, 2], Qualities = [10, 100],
        },
        "quick" => new()
        {
            Schemes = ["standard", "dropout", "RS-1", "RS-1-adv", "RS-1 (vote)", "MagNet", "RC"],
            Network = SpikingNetwork.Valid(0.01, "as the paper's text has it; its code keeps borders, at twice the work"),
            Training = (4_000, 3, 32), Models = (2, 3), Attacked = 16, Margins = ([0, 5], [0, 5]), Search = (80, 3, 0.1, 1), Augmentation = (40, 3, 80),
            AugmentationMargins = [0, 5],
            MagNet = (8, 16, 0.01, 0.1, 0.001), Calibration = 1_000, Region = (0.4, 30, 1), Directions = 9, EotDraws = 4, JudgeDraws = 5,
            Stability = (100, 3), AccuracyImages = 400, Qualities = [10, 30, 50, 70, 90, 100],
        },
        "long" => Grey("quick") with
        {
            Schemes = ["standard", "dropout", "distillation", "RS-1", "RS-1-dropout", "RS-1-adv", "dropout-adv", "RS-1 (vote)", "MagNet", "RC"],
            Training = (8_000, 4, 32), Attacked = 150, Augmentation = (150, 3, 300), AccuracyImages = 2_000, Stability = (300, 5),
        },
        _ => new()
        {
            Schemes = ["standard", "dropout", "distillation", "RS-1", "RS-1-dropout", "RS-1-adv", "dropout-adv", "RS-1 (vote)", "RS-1-dropout (vote)",
                "RS-1-adv (vote)", "MagNet", "RC"], Network = SpikingNetwork.Mnist(0.01), Training = (30_000, 50, 128), Models = (8, 8), Attacked = 500,
                Margins = ([0, 5, 10, 15], [0, 5, 10, 15]),
            Search = (1_000, 9, 0.01, 1e-3), Augmentation = (3_000, 3, 10_000), AugmentationMargins = Presets.RandomSpikingConfidences(PaperData.Mnist),
            MagNet = (100, 256, 0.001, 0.1, 0.001),
            Calibration = 5_000, Region = (0.4, 10_000, 10), Directions = 19, EotDraws = 20, JudgeDraws = 100, Stability = (1_000, 20), AccuracyImages = 10_000,
        },
    };
}
