namespace Defenses.Certification;

/// <summary>The guarantee for one image: within the radius the smoothed classifier predicts the class.</summary>
/// <remarks>It is wrong with a probability of at most α over its draws, for any network.</remarks>
/// <param name="Index">The image's number.</param>
/// <param name="Class">The class that the selection draws chose. Proved only where the radius is above 0.</param>
/// <param name="Radius">In L2, in the units of the image; 0 if nothing could be proved and the classifier abstains.</param>
/// <param name="Probability">The lower confidence bound of the probability of the class under noise.</param>
/// <param name="Votes">The number of estimation draws that voted for the class.</param>
/// <param name="Draws">The number of estimation draws.</param>
public sealed record Certificate(long Index, long Class, double Radius, double Probability, long Votes, long Draws)
{
    /// <summary>Whether something was proved.</summary>
    public bool IsCertified => Radius > 0;
}
