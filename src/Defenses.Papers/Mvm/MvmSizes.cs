namespace Defenses.Papers;

/// <summary>How much of the experiment is done.</summary>
internal sealed record MvmSizes
{
    /// <summary>Training images, and passes over them.</summary>
    internal required (int Images, int Epochs) Training { get; init; }

    /// <summary>Whether it is trained by SGD in steps of 32 images; if not, by Feinman's Adadelta in steps of 128, with which his CIFAR-10 network
    /// reaches 30 % in its first five passes over 12,000 images.</summary>
    internal bool IsHastened { get; init; }

    /// <summary>Recognised test images, attacked by each attack: scored by the detector that is measured most closely, and by all others.</summary>
    internal required (int First, int Others) Images { get; init; }

    /// <summary>Passes behind a score.</summary>
    internal required int Draws { get; init; }

    /// <summary>Settings of stochastic activation pruning; the paper's are 0.5, 0.8 and 1.</summary>
    internal required double[] Pruned { get; init; }

    /// <summary>Rates of dropout; the paper's are 0.1, 0.2 and 0.5.</summary>
    internal required double[] Dropped { get; init; }

    /// <summary>Training images behind the density estimate.</summary>
    internal required int Density { get; init; }

    /// <summary>Training of each of MagNet's auto-encoders.</summary>
    internal required (int Images, int Epochs) AutoEncoders { get; init; }

    /// <summary>Training images kept from the auto-encoders, for MagNet's thresholds and as neighbours.</summary>
    internal required int Validation { get; init; }

    /// <summary>The attack that knows the detector: images, steps, and passes behind the score that it sees.</summary>
    internal required (int Images, int Steps, int Draws) Adaptive { get; init; }

    /// <summary>How long it takes.</summary>
    internal required string Time { get; init; }

    /// <param name="images">How many images to attack; null for the preset's number.</param>
    internal static MvmSizes Of(string preset, bool isColor, int? images = null) => images is { } count ? Standard(preset, isColor).Attacking(count)
        : Standard(preset, isColor);

    private MvmSizes Attacking(int images) => this with
    {
        Images = (images, ScaledImages.Of(Images.Others, Images.First, images)),
        Adaptive = Adaptive with { Images = ScaledImages.Of(Adaptive.Images, Images.First, images) },
        Time = $"{Time} with the preset's {Images.First} images",
    };

    private static MvmSizes Standard(string preset, bool isColor) => preset switch
    {
        "smoke" => new()
        {
            Training = (600, 1), Images = (8, 8), Draws = 5, Pruned = [0.5], Dropped = [0.5], Density = 300, AutoEncoders = (300, 1), Validation = 110,
            Adaptive = (4, 2, 2), Time = "half a minute",
        },
        "quick" => new()
        {
            Training = isColor ? (20_000, 6) : (20_000, 3), IsHastened = isColor, Images = isColor ? (60, 60) : (400, 200), Draws = 100, Pruned = [0.5],
            Dropped = [0.5], Density = 5_000, AutoEncoders = (10_000, 3),
            Validation = 1_000, Adaptive = isColor ? (20, 20, 10) : (50, 30, 10),
            Time = isColor ? "half an hour on one core" : "a quarter of an hour on one core",
        },
        "long" => Standard("quick", isColor) with
        {
            Training = isColor ? (40_000, 15) : (int.MaxValue, 5), Images = isColor ? (200, 200) : (1_000, 500), Pruned = [0.5, 0.8, 1],
            Dropped = [0.1, 0.2, 0.5], Density = 10_000, AutoEncoders = (30_000, 5), Adaptive = isColor ? (50, 20, 10) : (100, 30, 10),
            Time = "up to two hours on two cores",
        },
        _ => new()
        {
            Training = (int.MaxValue, isColor ? 60 : 10), Images = (10_000, 10_000), Draws = 100, Pruned = [0.5, 0.8, 1], Dropped = [0.1, 0.2, 0.5],
            Density = int.MaxValue, AutoEncoders = (int.MaxValue, isColor ? 400 : 100),
            Validation = 5_000, Adaptive = (1_000, 100, 20), Time = "some days on one core",
        },
    };

    internal string Describe() =>
        $"{(Training.Images == int.MaxValue ? "all" : $"{Training.Images}")} training images, {TextFormat.Counted(Training.Epochs, "epoch", "epochs")}; "
            + $"{Images.First} images attacked, {Images.Others} of them scored by all " +
        $"detectors, {Adaptive.Images} by an attack that knows the detector; {Draws} passes behind a score; {Time}";
}
