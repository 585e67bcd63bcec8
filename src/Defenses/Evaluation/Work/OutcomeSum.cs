using Defenses.Evaluation.Reporting;
using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Evaluation.Work;

/// <summary>Sums up what an attack did to a defense, block by block.</summary>
internal sealed class OutcomeSum(int draws)
{
    private readonly Tally _recognised = new(draws), _all = new(draws), _accuracy = new(draws);
    private readonly PairTally _pairs = new();
    private long _onlyBase, _onlyThis, _outside, _forward, _backward;

    internal void Add(int[] correct, int[] met, bool[] recognised)
    {
        _accuracy.Add(correct);
        _all.Add(met);
        _recognised.Add(met.Where((_, image) => recognised[image]));
    }

    /// <summary>Compares with the first defense under the same attack, on images that both recognise.</summary>
    internal void Compare(int[] met, bool[] recognised, int[] baseMet, bool[] baseRecognised)
    {
        for (var image = 0; image < met.Length; image++)
        {
            if (!recognised[image] || !baseRecognised[image]) continue;
            _pairs.Add(met[image], baseMet[image]);
            var (holds, baseHolds) = (2 * met[image] <= draws, 2 * baseMet[image] <= draws);
            if (holds && !baseHolds) _onlyThis++;
            if (baseHolds && !holds) _onlyBase++;
        }
    }

    internal void Count(CellPiece piece)
    {
        _outside += piece.Outside;
        _forward += piece.Forward;
        _backward += piece.Backward;
    }

    internal Outcome Outcome(double confidence)
    {
        var success = _recognised.Success(confidence);
        return new Outcome
        {
            Success = success, DefenseRate = success?.MeanDraw.Complement(), Accuracy = _accuracy.Accuracy(confidence)!, AllImages = _all.Success(confidence)!,
            OutsideBudget = _outside, ForwardPasses = (double)_forward / _accuracy.Count, BackwardPasses = (double)_backward / _accuracy.Count,
        };
    }

    /// <summary>The outcome set against that of the first defense.</summary>
    internal Outcome Outcome(double confidence, double eta, Outcome first, DrawRates firstAccuracy, DrawRates accuracy, double accuracyCorrelation)
    {
        var outcome = Outcome(confidence);
        if (outcome.DefenseRate is not { } rate || first.DefenseRate is not { } firstRate) return outcome;
        var correlation = _pairs.CorrelationOfMeans(rate.Trials, firstRate.Trials);
        return outcome with
        {
            Efficiency = DefenseEfficiency.Measure(rate, firstRate, firstAccuracy.MeanDraw, accuracy.MeanDraw, eta, correlation, accuracyCorrelation),
            PValue = _pairs.Count > 0 ? McNemar.PValue(_onlyThis, _onlyBase) : null,
        };
    }
}
