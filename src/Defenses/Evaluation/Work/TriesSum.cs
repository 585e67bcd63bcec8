using Defenses.Evaluation.Reporting;
using Defenses.Statistics;

namespace Defenses.Evaluation.Work;

/// <summary>Sums the success of an attack within several tries, beside the errors of the same images without an attack.</summary>
/// <param name="draws">K.</param>
/// <param name="shown">The numbers of tries.</param>
internal sealed class TriesSum(int draws, IReadOnlyList<int> shown)
{
    private readonly Tally _met = new(draws), _errors = new(draws), _wrong = new(draws);
    private readonly PairTally[] _pairs = [.. shown.Select(_ => new PairTally())];

    /// <summary>Adds a block of images.</summary>
    /// <param name="met">The draws in which the attack met its goal.</param>
    /// <param name="unprovoked">The draws in which the images were wrong without an attack, apart from those that decide what is recognized.</param>
    /// <param name="correct">The draws in which the label was recognized under the attack.</param>
    /// <param name="counted">The images that are recognized and attempted.</param>
    internal void Add(int[] met, int[] unprovoked, int[] correct, bool[] counted)
    {
        for (var image = 0; image < met.Length; image++)
        {
            _wrong.Add(draws - correct[image]);
            if (!counted[image]) continue;
            _met.Add(met[image]);
            _errors.Add(unprovoked[image]);
            for (var i = 0; i < shown.Count; i++) _pairs[i].Add(Share(met[image], shown[i]), Share(unprovoked[image], shown[i]));
        }
    }

    internal TriesResult Result(double confidence)
    {
        var errors = _errors.Tries(confidence);
        return TriesResult.Of(_met.Tries(confidence), _wrong.Tries(confidence)!, shown, (tries, success) => ProportionDifference.Between(
            success, errors!.Within(tries), _pairs[shown.ToList().IndexOf(tries)].CorrelationOfMeans(_met.Count, _errors.Count)));
    }

    private double Share(int count, int tries) => TriesCurve.Share(count, draws, tries);
}
