namespace DefenseBench.Protocols.Hrs;

/// <summary>The sizes of the HRS protocol.</summary>
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

    /// <summary>Channels in each of two blocks, ascending; 5 to 30 in the paper.</summary>
    internal required int[] Channels { get; init; }

    /// <summary>Channels in each block where one, two and three blocks are compared; 5 in the paper.</summary>
    internal required int BlockChannels { get; init; }

    /// <summary>Dropout rates; 0.1 to 0.9 in the paper.</summary>
    internal required double[] Dropout { get; init; }

    /// <summary>Standard deviations of the Gaussian noise on the input, in multiples of 0.1 (grey) and 0.01 (colour); half of it before the other convolutions.</summary>
    internal required double[] Noise { get; init; }

    /// <summary>ε in 255ths, for grey digits and for colour images; the last one is the headline.</summary>
    internal required (int[] Grey, int[] Colour) Strengths { get; init; }

    /// <summary>Test images that accuracies are measured on.</summary>
    internal required int AccuracyImages { get; init; }

    internal static HrsSizes Named(string preset) => preset switch
    {
        "smoke" => new()
        {
            Images = 2, Steps = 2, EotDraws = 2, JudgeDraws = 2, Gradients = 2, Training = (256, 1), Rate = 0.05, Channels = [1, 2], BlockChannels = 1, Dropout = [0.3, 0.5],
            Noise = [1, 2], Strengths = ([32, 64], [4, 8]), AccuracyImages = 200,
        },
        "quick" => new()
        {
            Images = 10, Steps = 20, EotDraws = 5, JudgeDraws = 20, Gradients = 20, Training = (10_000, 2), Rate = 0.05, Channels = [2, 3, 5], BlockChannels = 2, Dropout = [0.1, 0.3, 0.6, 0.8],
            Noise = [1, 2, 3], Strengths = ([16, 32, 64], [2, 4, 8]), AccuracyImages = 5_000,
        },
        _ => new()
        {
            Images = 100, Steps = 100, EotDraws = 10, JudgeDraws = 100, Gradients = 200, Training = (int.MaxValue, 40), Rate = 0.01, Channels = [5, 10, 20, 30], BlockChannels = 5,
            Dropout = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], Noise = [1, 1.5, 2, 2.5, 3, 3.25], Strengths = ([8, 16, 32, 48, 64], [1, 2, 4, 6, 8]), AccuracyImages = int.MaxValue,
        },
    };

    /// <summary>In a sentence.</summary>
    public override string ToString() =>
        $"{Images} images towards 9 targets each, {Steps} steps, EOT {EotDraws}, {JudgeDraws} draws to judge; training on {(Training.Images < int.MaxValue ? $"{Training.Images} images" : "all images")}, "
        + $"{Training.Epochs} epochs; channels {string.Join(", ", Channels.Select(count => $"{count}×{count}"))}.";
}
