namespace Defenses.Papers;

/// <summary>The sizes of the HRS protocol, by preset and kind of images.</summary>
internal sealed record HrsSizes
{
    /// <summary>Images attacked, each towards its nine other classes.</summary>
    internal required int Images { get; init; }

    /// <summary>Steps of the iterated attacks; 100 in the paper.</summary>
    internal required int Steps { get; init; }

    /// <summary>Draws behind a gradient of EOT; 10 in the paper.</summary>
    internal required int EotDraws { get; init; }

    /// <summary>The judge's draws of each attacked image.</summary>
    internal required int JudgeDraws { get; init; }

    /// <summary>Gradients drawn for their deviation; 200 in the paper.</summary>
    internal required int Gradients { get; init; }

    /// <summary>Training images and epochs of each network and channel; all and 40 in the paper.</summary>
    internal required (int Images, int Epochs) Training { get; init; }

    /// <summary>The learning rate; the paper's 0.01 needs its number of epochs.</summary>
    internal required double Rate { get; init; }

    /// <summary>Images in a training step; 128 in the paper, fewer where there are few epochs.</summary>
    internal int Batch { get; init; } = 128;

    /// <summary>Filters of the colour network's first convolutions; 64 in the paper.</summary>
    internal int Width { get; init; } = 64;

    /// <summary>Dropout behind the first dense layer while training, where it is no defense: 0.3 for grey images and 0.7 for colour in the paper's
    /// code.</summary>
    internal required double TrainingDropout { get; init; }

    /// <summary>Channels in each of two blocks, ascending; 5 to 30 in the paper.</summary>
    internal required int[] Channels { get; init; }

    /// <summary>Channels in each block where one, two and three blocks are compared; 5 in the paper.</summary>
    internal required int BlockChannels { get; init; }

    /// <summary>The numbers of blocks to compare; 1, 2 and 3 in the paper.</summary>
    internal int[] Blocks { get; init; } = [1, 2, 3];

    /// <summary>Dropout rates; 0.1 to 0.9 in the paper.</summary>
    internal required double[] Dropout { get; init; }

    /// <summary>Standard deviations of the Gaussian noise on the input; half of it before the other convolutions.</summary>
    internal required double[] Noise { get; init; }

    /// <summary>ε of adversarial training in 255ths, and the steps of the PGD behind it; the paper has 0.5 to 4.5 on CIFAR-10.</summary>
    internal required (double[] Strengths, int Steps) Hardening { get; init; }

    /// <summary>ε in 255ths; the last one is the headline.</summary>
    internal required int[] Strengths { get; init; }

    /// <summary>C&amp;W in L2: images (each towards 9 classes), rounds, steps, confidences. The paper has 10 rounds of 100 steps.</summary>
    internal required (int Images, int Rounds, int Steps, double[] Margins) Search { get; init; }

    /// <summary>Reprogramming: images and epochs of the attacker's training, and images that it is measured on; the paper has all and 50.</summary>
    internal required (int Images, int Epochs, int Test) Reprogramming { get; init; }

    /// <summary>Test images that accuracies are measured on.</summary>
    internal required int AccuracyImages { get; init; }

    /// <param name="images">How many images to attack; null for the preset's number.</param>
    internal static HrsSizes Of(string preset, bool isColor, int? images = null) => images is { } count ? Standard(preset, isColor).Attacking(count)
        : Standard(preset, isColor);

    private HrsSizes Attacking(int images) => this with { Images = images, Search = Search with { Images = ScaledImages.Of(Search.Images, Images, images) } };

    private static HrsSizes Standard(string preset, bool isColor) => preset switch
    {
        "smoke" => new()
        {
            Images = 1, Steps = 2, EotDraws = 2, JudgeDraws = 2, Gradients = 2, Training = (128, 1), Rate = 0.05, Width = 8, TrainingDropout = 0.3,
            Channels = [1, 2], BlockChannels = 1,
            Dropout = [0.3], Noise = [isColor ? 0.02 : 0.2], Hardening = ([isColor ? 4 : 32], 1), Strengths = isColor ? [4, 8] : [32, 64],
            Search = (1, 2, 2, [0]),
            Reprogramming = (64, 1, 50), AccuracyImages = 50,
        },
        "quick" when isColor => new()
        {
            Images = 10, Steps = 20, EotDraws = 5, JudgeDraws = 20, Gradients = 20, Training = (12_000, 4), Rate = 0.02, Batch = 32, Width = 24,
            TrainingDropout = 0.3, Channels = [2, 3], BlockChannels = 2, Blocks = [1, 2],
            Dropout = [0.3, 0.7], Noise = [0.02, 0.05], Hardening = ([4], 1), Strengths = [2, 4, 8], Search = (4, 3, 40, [0, 5]),
            Reprogramming = (5_000, 3, 2_000), AccuracyImages = 5_000,
        },
        "quick" => new()
        {
            Images = 30, Steps = 20, EotDraws = 5, JudgeDraws = 20, Gradients = 20, Training = (10_000, 2), Rate = 0.015, Batch = 32, TrainingDropout = 0.3,
            Channels = [2, 3, 4], BlockChannels = 2,
            Dropout = [0.1, 0.3, 0.7], Noise = [0.1, 0.2], Hardening = ([8, 16], 1), Strengths = [16, 32, 64], Search = (8, 3, 40, [0, 5]),
            Reprogramming = (0, 0, 0), AccuracyImages = 5_000,
        },
        "long" => Standard("quick", isColor) with
        {
            Images = isColor ? 50 : 200, Gradients = 50, Training = isColor ? (25_000, 8) : (30_000, 3), Width = 32, AccuracyImages = int.MaxValue,
            Channels = isColor ? [2, 3] : [2, 3, 5], Strengths = isColor ? [1, 2, 4, 6, 8] : [16, 32, 64], Search = (isColor ? 10 : 20, 3, 40, [0, 5]),
            Blocks = [1, 2, 3], Reprogramming = isColor ? (20_000, 5, int.MaxValue) : (0, 0, 0),
        },
        _ => new()
        {
            Images = 100, Steps = 100, EotDraws = 10, JudgeDraws = 100, Gradients = 200, Training = (int.MaxValue, 40), Rate = 0.01,
            TrainingDropout = isColor ? 0.7 : 0.3,
            Channels = [5, 10, 20, 30], BlockChannels = 5, Dropout = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
            Noise = isColor ? [0.01, 0.02, 0.03, 0.05, 0.07, 0.09, 0.11] : [0.1, 0.15, 0.2, 0.25, 0.3, 0.325],
            Hardening = (isColor ? [0.5, 1.5, 2.5, 3.5, 4.5] : [16, 32], isColor ? 7 : 40), Strengths = isColor ? [1, 2, 4, 6, 8] : [8, 16, 32, 48, 64],
            Search = (20, 10, 100, [0, 5, 10, 20]), Reprogramming = (int.MaxValue, 50, int.MaxValue), AccuracyImages = int.MaxValue,
        },
    };

    /// <summary>In a sentence.</summary>
    public override string ToString() =>
        $"{TextFormat.Counted(Images, "image", "images")} towards 9 targets each, {Steps} steps, EOT {EotDraws}, {JudgeDraws} draws to judge; training on "
            + $"{(Training.Images < int.MaxValue ? $"{Training.Images} images" : "all images")}, "
        + $"{TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; channels {string.Join(", ", Channels.Select(count => $"{count}×{count}"))}.";
}
