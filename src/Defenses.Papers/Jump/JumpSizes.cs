namespace Defenses.Papers;

/// <summary>The sizes of a run of the JumpReLU protocol.</summary>
internal sealed record JumpSizes
{
    /// <summary>Training images and epochs of the plain and of the robust network.</summary>
    internal required (int Images, int Epochs) Training { get; init; }

    /// <summary>Images in a training step; 128 in the paper's code, fewer where there are few epochs on colour images.</summary>
    internal int Batch { get; init; } = 128;

    /// <summary>Test images for the accuracy without an attack.</summary>
    internal required int AccuracyImages { get; init; }

    /// <summary>Images attacked as the paper attacks, and along the trade-off curve.</summary>
    internal required (int Paper, int Curve) Attacked { get; init; }

    /// <summary>Steps of the trust region attack; the paper's text has 1000, its script 40.</summary>
    internal required int TrustSteps { get; init; }

    /// <summary>Thresholds of the trade-off curve, in multiples of the paper's κ.</summary>
    internal required double[] Curve { get; init; }

    /// <summary>The adaptive part: images, steps of PGD, candidates of Square, draws behind a gradient.</summary>
    internal required (int Images, int Steps, int Candidates, int EotDraws) Adaptive { get; init; }

    /// <summary>ε of the adaptive part, pixels in [0, 1]; the middle one is the headline.</summary>
    internal required double[] Strengths { get; init; }

    /// <summary>The judge's decisions on each attacked image.</summary>
    internal required int JudgeDraws { get; init; }

    /// <summary>Recognised images behind table 3, one half for the fit of a detector and one to judge it.</summary>
    internal required int Detected { get; init; }

    /// <summary>Thresholds κ of the tables, in multiples of the paper's; its scripts try these on the LeNet-like network.</summary>
    internal double[] Kappas { get; init; } = [0, 0.5, 1, 1.5];

    /// <summary>The ε that headlines and the curve speak of.</summary>
    internal double Headline => Strengths[Strengths.Length / 2];

    /// <param name="images">How many images to attack; null for the preset's number.</param>
    internal static JumpSizes Of(string preset, bool isColor, int? images = null) => images is { } count ? Standard(preset, isColor).Attacking(count)
        : Standard(preset, isColor);

    /// <summary>Sizes for the wide networks, of which a CPU can train but small ones on few images; null where the preset leaves them out.</summary>
    /// <param name="images">How many images to attack; null for the preset's number.</param>
    internal static JumpSizes? Wide(string preset, int? images = null)
    {
        JumpSizes? sizes = preset switch
        {
            "smoke" => Standard("smoke", isColor: true) with { Training = (256, 1), Batch = 64, AccuracyImages = 100, Attacked = (4, 4), TrustSteps = 4 },
            "quick" => null,
            "long" => Standard("long", isColor: true) with
            {
                Training = (20_000, 8), Batch = 64, AccuracyImages = 5_000, Attacked = (100, 100), TrustSteps = 100, Kappas = [0, 1],
            },
            _ => Standard("paper", isColor: true) with { Training = (50_000, 120), Kappas = [0, 1] },
        };
        return images is { } count ? sizes?.Attacking(count) : sizes;
    }

    private JumpSizes Attacking(int images) => this with
    {
        Detected = ScaledImages.Of(Detected, Attacked.Paper, images) is var some && some < 4 ? 4 : some,
        Attacked = (images, ScaledImages.Of(Attacked.Curve, Attacked.Paper, images)),
        Adaptive = Adaptive with { Images = ScaledImages.Of(Adaptive.Images, Attacked.Paper, images) },
    };

    private static JumpSizes Standard(string preset, bool isColor) => preset switch
    {
        "smoke" => new()
        {
            Training = (1_000, 1), AccuracyImages = 200, Attacked = (8, 8), TrustSteps = 10, Curve = [0, 1], Adaptive = (8, 4, 20, 2),
            Strengths = [isColor ? 8 / 255d : 0.2],
            JudgeDraws = 2, Kappas = [0, 1], Detected = 12,
        },
        "quick" when isColor => new()
        {
            Training = (10_000, 6), Batch = 32, AccuracyImages = 1_000, Attacked = (30, 20), TrustSteps = 40, Curve = [0, 0.5, 1, 1.5],
            Adaptive = (30, 20, 300, 4), Strengths = [4 / 255d, 8 / 255d],
            JudgeDraws = 10, Kappas = [0, 1], Detected = 40,
        },
        "quick" => new()
        {
            Training = (30_000, 4), AccuracyImages = 10_000, Attacked = (100, 100), TrustSteps = 1_000, Curve = [0, 0.25, 0.5, 0.75, 1, 1.5, 2],
            Adaptive = (100, 40, 2_000, 10), Strengths = [0.1, 0.2, 0.3], JudgeDraws = 10, Detected = 100,
        },
        "long" => Standard("quick", isColor) with
        {
            Training = isColor ? (30_000, 10) : (60_000, 90), AccuracyImages = 10_000, Attacked = isColor ? (100, 50) : (500, 200),
            TrustSteps = isColor ? 200 : 1_000, Adaptive = isColor ? (100, 20, 500, 5) : (200, 40, 2_000, 10), Detected = isColor ? 200 : 500,
        },
        _ => new()
        {
            Training = (60_000, isColor ? 120 : 90), AccuracyImages = 10_000, Attacked = (10_000, 1_000), TrustSteps = 1_000,
            Curve = [.. Enumerable.Range(0, 17).Select(i => i / 8.0)], Adaptive = (1_000, 100, 5_000, 20),
            Strengths = isColor ? [2 / 255d, 4 / 255d, 8 / 255d, 16 / 255d] : [0.05, 0.1, 0.2, 0.3], JudgeDraws = 100,
            Detected = 10_000,
        },
    };

    internal string Describe() =>
        $"two networks trained on {Training.Images} images for {TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; {Attacked.Paper} images attacked "
            + $"as in the paper, {Attacked.Curve} for each κ of the " +
        $"curve, {Adaptive.Images} by adaptive attacks with {Adaptive.Steps} steps and {Adaptive.Candidates} candidates; {JudgeDraws} judgements of each "
            + $"random network; {Detected} images for the detection by local dimensionality";
}
