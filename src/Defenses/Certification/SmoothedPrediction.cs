namespace Defenses.Certification;

/// <summary>The answer of a smoothed classifier to one image.</summary>
/// <remarks>Where it does not abstain, it is the class that noise makes most probable, but for a probability of at most α over the draws.</remarks>
/// <param name="Index">The image's number.</param>
/// <param name="Class">The class with the most votes, the smallest of equals; no answer where it abstains.</param>
/// <param name="Abstains">Whether the votes are too close for an answer.</param>
/// <param name="Votes">Votes for the class.</param>
/// <param name="OtherVotes">Votes for the second class.</param>
/// <param name="PValue">The probability that fair coins would split the votes of the two at least as unevenly.</param>
public sealed record SmoothedPrediction(long Index, long Class, bool Abstains, long Votes, long OtherVotes, double PValue);
