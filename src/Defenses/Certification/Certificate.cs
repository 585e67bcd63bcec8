namespace Defenses.Certification;

/// <summary>What is proved of one image: within the radius the smoothed classifier answers with the class.</summary>
/// <remarks>Wrong with a probability of at most α over the draws behind it, whatever the network.</remarks>
/// <param name="Index">The image's number.</param>
/// <param name="Class">The class that the selection draws chose. Proved only where the radius is above 0.</param>
/// <param name="Radius">In L2, in the units of the image; 0 where nothing could be proved and the classifier abstains.</param>
/// <param name="Probability">The lower confidence bound of the probability of the class under noise.</param>
/// <param name="Votes">How many of the estimation draws went to the class.</param>
/// <param name="Draws">How many there were.</param>
public sealed record Certificate(long Index, long Class, double Radius, double Probability, long Votes, long Draws)
{
    /// <summary>Whether something was proved.</summary>
    public bool IsCertified => Radius > 0;
}
