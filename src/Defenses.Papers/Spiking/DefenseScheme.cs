namespace Defenses.Papers;

/// <summary>A way to train and to decide that the paper compares.</summary>
/// <param name="Name">As the paper names it.</param>
/// <param name="Description">What it is, in a sentence.</param>
internal sealed record DefenseScheme(string Name, string Description)
{
    private const string Standard = "standard";

    private static readonly DefenseScheme[] s_all =
    [
        new(Standard, "The network as it is."),
        new("dropout", "Dropout 0.5 behind the first dense layer (0.1 within the blocks of a wide residual network) while training; no chance at test time.")
            { HasDropout = true },
        new("distillation", "Defensive distillation at temperature 100, with dropout while training.") { HasDropout = true, IsDistilled = true },
        new("RS-1", "Random Spiking behind the first convolution; decides by the mean of 10 draws.") { Spikes = true },
        new("RS-1-dropout", "The same with dropout while training.") { HasDropout = true, Spikes = true },
        new("RS-1-adv", "RS-1 trained anew with C&W examples of itself among the training images.") { Spikes = true, IsAugmented = true },
        new("dropout-adv", "Dropout, trained anew with C&W examples of itself among the training images.") { HasDropout = true, IsAugmented = true },
        Voted("RS-1"), Voted("RS-1-dropout"), Voted("RS-1-adv"),
        new("MagNet", "The standard network behind an auto-encoder; auto-encoders refuse what they cannot give back. A refusal is no success for an "
            + "attacker, and no right answer.")
            { Network = Standard, Refuses = true },
        new("RC", "Region-based classification: the standard network's vote over points in a cube around the image. The attacker sees the standard network.")
            { Network = Standard, AttackedAs = Standard, AsksRegion = true },
    ];

    /// <summary>The scheme whose trained networks it uses; itself, unless it needs no training of its own.</summary>
    internal string Network { get => field ?? Name; private init; }

    /// <summary>The scheme whose examples an attacker sends to it; itself, unless he can see no more than another one.</summary>
    internal string AttackedAs { get => field ?? Name; private init; }

    /// <summary>Whether there is dropout while training.</summary>
    internal bool HasDropout { get; private init; }

    /// <summary>Whether a fifth of the first feature map is replaced by noise, in training and for good.</summary>
    internal bool Spikes { get; private init; }

    /// <summary>Whether it learns the softened answers of a teacher.</summary>
    internal bool IsDistilled { get; private init; }

    /// <summary>Whether it is trained with C&amp;W examples of itself.</summary>
    internal bool IsAugmented { get; private init; }

    /// <summary>Whether MagNet stands in front of it.</summary>
    internal bool Refuses { get; private init; }

    /// <summary>Whether it decides by the region around an image.</summary>
    internal bool AsksRegion { get; private init; }

    /// <summary>Whether its draws vote; the others of random networks are averaged.</summary>
    internal bool Votes { get; private init; }

    internal static DefenseScheme Named(string name) => s_all.First(scheme => scheme.Name == name);

    /// <summary>The name of a scheme's networks where their draws vote.</summary>
    internal static string ByVote(string scheme) => $"{scheme} (vote)";

    private static DefenseScheme Voted(string scheme) =>
        new(ByVote(scheme), $"The networks of {scheme}; decides by the vote of 10 draws, ties to the smaller class. The attacker sees {scheme}.")
        { Network = scheme, AttackedAs = scheme, Votes = true };
}
