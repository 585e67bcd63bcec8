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
        Wrong = Sums(_ => new Tally(_draws));
        (WorstPairs, TriesPairs) = (Pairs(plan), Pairs(plan));
        WorstTries = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => new TriesSum(_draws, plan.Shown)).ToArray());
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

    /// <summary>Draws without an attack in which the label was not recognized, on all images.</summary>
    internal Tally[] Wrong { get; }

    /// <summary>Success of the worst attack within several tries, by defense and strength.</summary>
    internal TriesSum[][] WorstTries { get; }

    /// <summary>As <see cref="WorstPairs"/>, for accuracy within the tries of the threat model.</summary>
    internal PairTally[][][] TriesPairs { get; }

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
            Wrong[defense].Add(clean.Correct.Select(correct => _draws - correct));
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
        WorstTries[defense][strength].Add(piece.Met, block.Clean[defense].Unprovoked, piece.Correct, seen);
        Basis[defense][strength].Add(piece, recognized[defense]);
        for (var other = 0; other < defense; other++)
            for (var image = 0; image < piece.Correct.Length; image++)
            {
                var (own, others) = (piece.Correct[image], block.Attacked[other][strength].Correct[image]);
                WorstPairs[defense][strength][other].Add(own, others);
                TriesPairs[defense][strength][other].Add(Right(own), Right(others));
            }
        for (var cell = 0; cell < _plan.Attacks; cell++)
        {
            var (own, others) = (piece.Cells[_plan.Canonical(defense, cell)], first.Cells[_plan.Canonical(0, cell)]);
            var counted = Attempted(recognized[defense], own);
            Add(Cells[defense][strength][cell], own.Correct, own.Met, others.Met, counted, defense > 0 ? Attempted(recognized[0], others) : null);
            Cells[defense][strength][cell].Count(own, counted);
            Cells[defense][strength][cell].LeaveOut(LeftOut(own).Count());
            if (_plan.Canonical(defense, cell) == cell) Worst[defense][strength].Count(own);
        }
    }

    // The estimated chance that an image is right in all tries of the threat model.
    private double Right(int correct) => 1 - TriesCurve.Share(_draws - correct, _draws, _plan.Evaluation.Threat.Tries);

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

    // By defense, strength and earlier defense.
    private static PairTally[][][] Pairs(EvaluationPlan plan) =>
    [
        .. Enumerable.Range(0, plan.Defenses).Select(defense => Enumerable.Range(0, plan.Strengths)
            .Select(_ => Enumerable.Range(0, defense).Select(_ => new PairTally()).ToArray()).ToArray()),
    ];

    private T[] Sums<T>(Func<int, T> make) => [.. Enumerable.Range(0, _plan.Defenses).Select(make)];
}

/// <summary>Sums the results of an attack on a defense, block by block.</summary>
internal sealed class OutcomeSum(int draws)
{
    private readonly Tally _recognized = new(draws), _all = new(draws), _accuracy = new(draws);
    private readonly PairTally _pairs = new();
    private readonly PassSum _passes = new(draws);
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

    /// <param name="piece">The block.</param>
    /// <param name="counted">The images whose success is counted by passes; null for none.</param>
    internal void Count(CellRecord piece, bool[]? counted = null)
    {
        if (counted is not null) _passes.Add(piece, counted);
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
            SuccessByPasses = _passes.Points(confidence),
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
