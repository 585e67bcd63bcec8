using Defenses.Evaluation.Reporting;
using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Evaluation.Work;

/// <summary>The sums behind a report, added block by block. Their size does not grow with the number of images.</summary>
internal sealed class EvaluationSums
{
    private readonly EvaluationPlan _plan;
    private readonly int _draws;

    internal EvaluationSums(EvaluationPlan plan)
    {
        (_plan, _draws) = (plan, plan.Evaluation.Draws);
        Clean = Sums(_ => new Tally(_draws));
        Unprovoked = Sums(_ => new Tally(_draws));
        CleanPairs = Sums(_ => new PairTally());
        WorstPairs = Sums(defense =>
            Enumerable.Range(0, plan.Strengths).Select(_ => Enumerable.Range(0, defense).Select(_ => new PairTally()).ToArray()).ToArray());
        Worst = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => new OutcomeSum(_draws)).ToArray());
        Basis = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => new BasisSum(plan.Attacks, _draws)).ToArray());
        Cells = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => Enumerable.Range(0, plan.Attacks).Select(_ => new OutcomeSum(_draws)).ToArray())
            .ToArray());
    }

    internal Tally[] Clean { get; }

    /// <summary>Errors without an attack, on recognized images.</summary>
    internal Tally[] Unprovoked { get; }

    /// <summary>Clean counts paired with those of the first defense.</summary>
    internal PairTally[] CleanPairs { get; }

    /// <summary>Counts under the worst attack paired with those of each earlier defense, by defense and strength.</summary>
    internal PairTally[][][] WorstPairs { get; }

    /// <summary>By defense and strength.</summary>
    internal OutcomeSum[][] Worst { get; }

    /// <summary>By defense, strength and cell.</summary>
    internal OutcomeSum[][][] Cells { get; }

    /// <summary>Which attacks break which images, by defense and strength.</summary>
    internal BasisSum[][] Basis { get; }

    internal void Add(BlockRecord block)
    {
        var recognized = block.Clean.Select(piece => piece.Correct.Select(correct => 2 * correct > _draws).ToArray()).ToArray();
        for (var defense = 0; defense < _plan.Defenses; defense++)
        {
            var clean = block.Clean[defense];
            Clean[defense].Add(clean.Correct);
            Unprovoked[defense].Add(clean.Unprovoked.Where((_, image) => recognized[defense][image]));
            for (var image = 0; image < clean.Correct.Length; image++) CleanPairs[defense].Add(clean.Correct[image], block.Clean[0].Correct[image]);
            for (var strength = 0; strength < _plan.Strengths; strength++) Add(block, defense, strength, recognized);
        }
    }

    private void Add(BlockRecord block, int defense, int strength, bool[][] recognized)
    {
        var (piece, first) = (block.Attacked[defense][strength], block.Attacked[0][strength]);
        var seen = Attempted(recognized[defense], [.. piece.Cells.Values]);
        Add(Worst[defense][strength], piece.Correct, piece.Met, first.Met, seen, defense > 0 ? Attempted(recognized[0], [.. first.Cells.Values]) : null);
        Worst[defense][strength].LeaveOut(LeftOut([.. piece.Cells.Values]).Count());
        Basis[defense][strength].Add(piece, recognized[defense]);
        for (var other = 0; other < defense; other++)
            for (var image = 0; image < piece.Correct.Length; image++)
                WorstPairs[defense][strength][other].Add(piece.Correct[image], block.Attacked[other][strength].Correct[image]);
        for (var cell = 0; cell < _plan.Attacks; cell++)
        {
            var (own, others) = (piece.Cells[_plan.Canonical(defense, cell)], first.Cells[_plan.Canonical(0, cell)]);
            Add(Cells[defense][strength][cell], own.Correct, own.Met, others.Met,
                Attempted(recognized[defense], own), defense > 0 ? Attempted(recognized[0], others) : null);
            Cells[defense][strength][cell].Count(own);
            Cells[defense][strength][cell].LeaveOut(LeftOut(own).Count());
            if (_plan.Canonical(defense, cell) == cell) Worst[defense][strength].Count(own);
        }
    }

    // Counted are the images that the defense recognizes and the attack attempts.
    private static void Add(OutcomeSum sum, int[] correct, int[] met, int[] baseMet, bool[] counted, bool[]? baseCounted)
    {
        sum.Add(correct, met, counted);
        if (baseCounted is not null) sum.Compare(met, counted, baseMet, baseCounted);
    }

    // The recognized images that at least one of the cells attempts.
    private static bool[] Attempted(bool[] recognized, params CellRecord[] cells)
    {
        bool[] counted = [.. recognized];
        foreach (var image in LeftOut(cells)) counted[image] = false;
        return counted;
    }

    // The images that none of the cells attempts.
    private static IEnumerable<long> LeftOut(params CellRecord[] cells) =>
        cells.Select(cell => (IEnumerable<long>)(cell.NotAttempted ?? [])).Aggregate((all, next) => all.Intersect(next));

    private T[] Sums<T>(Func<int, T> make) => [.. Enumerable.Range(0, _plan.Defenses).Select(make)];
}

/// <summary>Sums the results of an attack on a defense, block by block.</summary>
internal sealed class OutcomeSum(int draws)
{
    private readonly Tally _recognized = new(draws), _all = new(draws), _accuracy = new(draws);
    private readonly PairTally _pairs = new();
    private long _onlyBase, _onlyThis, _outside, _leftOut, _forward, _backward;

    internal void Add(int[] correct, int[] met, bool[] recognized)
    {
        _accuracy.Add(correct);
        _all.Add(met);
        _recognized.Add(met.Where((_, image) => recognized[image]));
    }

    /// <summary>Compares with the first defense under the same attack, on images that both recognize.</summary>
    internal void Compare(int[] met, bool[] recognized, int[] baseMet, bool[] baseRecognized)
    {
        for (var image = 0; image < met.Length; image++)
        {
            if (!recognized[image] || !baseRecognized[image]) continue;
            _pairs.Add(met[image], baseMet[image]);
            var (holds, baseHolds) = (2 * met[image] <= draws, 2 * baseMet[image] <= draws);
            if (holds && !baseHolds) _onlyThis++;
            if (baseHolds && !holds) _onlyBase++;
        }
    }

    internal void Count(CellRecord piece)
    {
        _outside += piece.Outside;
        _forward += piece.Forward;
        _backward += piece.Backward;
    }

    internal void LeaveOut(int images) => _leftOut += images;

    internal Outcome Outcome(double confidence)
    {
        var success = _recognized.Success(confidence);
        return new Outcome
        {
            Success = success, DefenseRate = success?.MeanDraw.Complement(), Accuracy = _accuracy.Accuracy(confidence)!, AllImages = _all.Success(confidence)!,
            OutsideBudget = _outside, NotAttempted = _leftOut,
            ForwardPasses = (double)_forward / _accuracy.Count, BackwardPasses = (double)_backward / _accuracy.Count,
        };
    }

    /// <summary>The outcome compared with that of the first defense.</summary>
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

/// <summary>Sums over examples with two counts each, for the correlation of the counts.</summary>
internal sealed class PairTally
{
    private long _a, _b, _aa, _bb, _ab;

    internal long Count { get; private set; }

    internal void Add(int a, int b)
    {
        Count++;
        _a += a;
        _b += b;
        _aa += (long)a * a;
        _bb += (long)b * b;
        _ab += (long)a * b;
    }

    /// <summary>The correlation of two means, over <paramref name="first"/> and <paramref name="second"/> examples, of which
    /// these pairs are the common examples.</summary>
    internal double CorrelationOfMeans(long first, long second)
    {
        double n = Count, covariance = n * _ab - (double)_a * _b, spread = Math.Sqrt((n * _aa - (double)_a * _a) * (n * _bb - (double)_b * _b));
        return spread > 0 ? Math.Clamp(covariance / spread, -1, 1) * n / Math.Sqrt((double)first * second) : 0;
    }
}
