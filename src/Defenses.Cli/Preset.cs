using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The sizes of a run.</summary>
internal sealed record Preset
{
    /// <summary>The presets, the smallest first.</summary>
    internal static readonly string[] Names = ["smoke", "quick", "long", "paper"];

    /// <summary>Images attacked.</summary>
    internal required int Images { get; init; }

    /// <summary>Images attacked together: what is divided among shards, and what a stop loses at most.</summary>
    internal required int BlockSize { get; init; }

    /// <summary>Steps of PGD and CW-PGD.</summary>
    internal required int Steps { get; init; }

    /// <summary>The judge's draws of each image.</summary>
    internal required int JudgeDraws { get; init; }

    /// <summary>Draws behind a gradient of EOT.</summary>
    internal required int EotDraws { get; init; }

    /// <summary>Training images of a step.</summary>
    internal int Batch { get; init; } = 128;

    /// <summary>Training images and epochs of the base network.</summary>
    internal required (int Images, int Epochs) Base { get; init; }

    /// <summary>Training images and epochs with a defense's layers in place, starting from the base network.</summary>
    internal required (int Images, int Epochs) Tuning { get; init; }

    /// <summary>How a network is trained on against an attack, starting from the base network.</summary>
    internal HardeningSize Hardening { get; init; } = new(int.MaxValue, 10, 128, 0.01);

    /// <summary>The network for colour images.</summary>
    internal ColorNetwork Color { get; init; } = new(64, 0.7);

    /// <summary>Channels in each block of the switching network, with the images and epochs of each channel's training.</summary>
    internal required (int Channels, int Images, int Epochs) Switching { get; init; }

    /// <summary>The learning rate; the papers' 0.01 needs their number of epochs.</summary>
    internal required double LearningRate { get; init; }

    /// <summary>Test images that the accuracy of the base network is measured on.</summary>
    internal required int AccuracyImages { get; init; }

    /// <summary>ε in 255ths, for grey digits and for colour images.</summary>
    internal required (double[] Grey, double[] Colour) Strengths { get; init; }

    /// <param name="images">How many images to attack; null for the preset's number.</param>
    internal static Preset Named(string name, int? images) => images is { } count ? Named(name) with { Images = count } : Named(name);

    /// <summary>The same with what was chosen otherwise.</summary>
    internal Preset With(RunChoices choices) => this with { Steps = choices.Steps ?? Steps, JudgeDraws = choices.Draws ?? JudgeDraws };

    private static Preset Named(string name) => name switch
    {
        "smoke" => new()
        {
            Images = 8, BlockSize = 3, Steps = 3, JudgeDraws = 3, EotDraws = 2, Batch = 32, Base = (768, 1), Tuning = (128, 1), Switching = (2, 128, 1),
            LearningRate = 0.05, Hardening = new(128, 1, 32, 0.02), AccuracyImages = 100, Strengths = ([64], [8]),
        },
        "quick" => new()
        {
            Images = 64, BlockSize = 32, Steps = 20, JudgeDraws = 5, EotDraws = 5, Base = (15_000, 2), Tuning = (2_000, 1), Switching = (3, 5_000, 2),
            LearningRate = 0.05, Hardening = new(10_000, 4, 50, 0.02), AccuracyImages = 2_000, Strengths = ([32, 64], [4, 8]),
        },
        "long" => new()
        {
            Images = 200, BlockSize = 50, Steps = 50, JudgeDraws = 20, EotDraws = 5, Base = (int.MaxValue, 3), Tuning = (15_000, 2), Switching = (4, 20_000, 3),
            LearningRate = 0.03, Hardening = new(int.MaxValue, 3, 50, 0.02), AccuracyImages = int.MaxValue, Strengths = ([16, 32, 64], [2, 4, 8]),
        },
        _ => new()
        {
            Images = 1_000, BlockSize = 50, Steps = 100, JudgeDraws = 100, EotDraws = 10, Base = (int.MaxValue, 10), Tuning = (int.MaxValue, 10),
            Switching = (10, int.MaxValue, 40), LearningRate = 0.01, AccuracyImages = int.MaxValue, Strengths = ([8, 16, 32, 48, 64], [1, 2, 4, 6, 8]),
        },
    };
}

/// <summary>The size of a training against an attack.</summary>
/// <param name="Images">Training images.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="Batch">Images of a step.</param>
/// <param name="Rate">The learning rate.</param>
internal readonly record struct HardeningSize(int Images, int Epochs, int Batch, double Rate);

/// <summary>The HRS paper's network for colour images, or a narrower one.</summary>
/// <param name="Width">Filters of the first two convolutions, half of those of the next two; 64 in the paper.</param>
/// <param name="Dropout">The rate of its dropout; 0.7 in the paper.</param>
internal readonly record struct ColorNetwork(int Width, double Dropout);
