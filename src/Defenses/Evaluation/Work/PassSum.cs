using Defenses.Evaluation.Reporting;
using Defenses.Statistics;

namespace Defenses.Evaluation.Work;

/// <summary>Sums the success of an attack by the passes that it spent on each image.</summary>
/// <param name="draws">K, the judge's draws of each image.</param>
internal sealed class PassSum(int draws)
{
    private readonly SortedDictionary<long, long> _met = [];   // draws with success, by the passes of the image
    private long _images;

    /// <summary>Adds a block of images. Where the passes of each image are not known, each has an equal share of them.</summary>
    internal void Add(CellRecord piece, bool[] counted)
    {
        for (var image = 0; image < piece.Met.Length; image++)
        {
            if (!counted[image]) continue;
            var passes = piece.Passes?[image] ?? (piece.Forward + piece.Backward + piece.Met.Length - 1) / piece.Met.Length;
            _met[passes] = _met.GetValueOrDefault(passes) + piece.Met[image];
            _images++;
        }
    }

    /// <summary>The success within 1, 2, 5, 10, … passes, from the first number with a success on, and within all passes.</summary>
    internal IReadOnlyList<PassPoint> Points(double confidence)
    {
        if (_images == 0) return [];
        var most = _met.Keys.Last();
        var points = TriesCurve.Shown((int)Math.Min(most, int.MaxValue), 1).Select(passes => (long)passes).Where(passes => passes < most).Append(most);
        return
        [
            .. points.Select(passes => (Passes: passes, Met: _met.TakeWhile(each => each.Key <= passes).Sum(each => each.Value)))
                .Where(point => point.Met > 0 || point.Passes == most)
                .Select(point => new PassPoint(point.Passes, new Proportion((double)point.Met / draws, _images, confidence))),
        ];
    }
}
