namespace Defenses.Evaluation.Reporting;

/// <summary>The attacks that the worst case of a defense at one strength rests on, and what more effort would cost.</summary>
/// <remarks>Counted are the recognized images that an attack breaks: its goal is met in a majority of the draws that judged it. An attack that repeats the run
/// of another view counts nothing.</remarks>
public sealed record VerdictBasis
{
    /// <summary>The images that at least one attack breaks.</summary>
    public required long Broken { get; init; }

    /// <summary>By attack, in the order of the cells.</summary>
    public required IReadOnlyList<AttackShare> Attacks { get; init; }

    /// <summary>The smallest set of attacks that breaks the same images, as the numbers of their cells, ascending; of several such sets the one with the
    /// fewest passes.</summary>
    public required IReadOnlyList<int> Needed { get; init; }

    /// <summary>Passes of an image by all attacks, forward and backward, as measured.</summary>
    public required double Passes { get; init; }

    /// <summary>Passes of an image by the needed attacks.</summary>
    public required double NeededPasses { get; init; }

    /// <summary>Passes of an image by all attacks with twice the steps, or candidates: the measured passes, scaled. An attack without steps counts as it
    /// is.</summary>
    public required double NextPasses { get; init; }

    /// <summary>The same of the needed attacks.</summary>
    public required double NextNeededPasses { get; init; }
}

/// <summary>How many images an attack accounts for.</summary>
/// <param name="Strongest">The broken images for which it is the worst of all attacks: of equal attacks the first counts.</param>
/// <param name="Broken">The images that it breaks.</param>
/// <param name="Alone">The images that it breaks and no other attack does.</param>
public sealed record AttackShare(long Strongest, long Broken, long Alone);
