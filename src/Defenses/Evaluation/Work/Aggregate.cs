namespace Defenses.Evaluation.Work;

/// <summary>Everything the report needs, summed up block by block: its size does not grow with the number of images.</summary>
internal sealed class Aggregate
{
    private readonly Plan _plan;
    private readonly int _draws;

    internal Aggregate(Plan plan)
    {
        (_plan, _draws) = (plan, plan.Evaluation.Draws);
        Clean = Sums(_ => new Tally(_draws));
        Unprovoked = Sums(_ => new Tally(_draws));
        CleanPairs = Sums(_ => new PairTally());
        WorstPairs = Sums(defense => Enumerable.Range(0, plan.Strengths).Select(_ => Enumerable.Range(0, defense).Select(_ => new PairTally()).ToArray()).ToArray());
        Worst = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => new OutcomeSum(_draws)).ToArray());
        Cells = Sums(_ => Enumerable.Range(0, plan.Strengths).Select(_ => Enumerable.Range(0, plan.Attacks).Select(_ => new OutcomeSum(_draws)).ToArray()).ToArray());
    }

    internal Tally[] Clean { get; }

    /// <summary>Errors without an attack, on recognised images.</summary>
    internal Tally[] Unprovoked { get; }

    /// <summary>Clean counts against those of the first defense.</summary>
    internal PairTally[] CleanPairs { get; }

    /// <summary>Counts under the worst attack against those of each defense before, by defense and strength.</summary>
    internal PairTally[][][] WorstPairs { get; }

    /// <summary>By defense and strength.</summary>
    internal OutcomeSum[][] Worst { get; }

    /// <summary>By defense, strength and cell.</summary>
    internal OutcomeSum[][][] Cells { get; }

    internal void Add(BlockPiece block)
    {
        var recognised = block.Clean.Select(piece => piece.Correct.Select(correct => 2 * correct > _draws).ToArray()).ToArray();
        for (var defense = 0; defense < _plan.Defenses; defense++)
        {
            var clean = block.Clean[defense];
            Clean[defense].Add(clean.Correct);
            Unprovoked[defense].Add(clean.Unprovoked.Where((_, image) => recognised[defense][image]));
            for (var image = 0; image < clean.Correct.Length; image++) CleanPairs[defense].Add(clean.Correct[image], block.Clean[0].Correct[image]);
            for (var strength = 0; strength < _plan.Strengths; strength++) Add(block, defense, strength, recognised);
        }
    }

    private void Add(BlockPiece block, int defense, int strength, bool[][] recognised)
    {
        var (piece, first) = (block.Attacked[defense][strength], block.Attacked[0][strength]);
        Add(Worst[defense][strength], piece.Correct, piece.Met, first.Met, defense, recognised);
        for (var other = 0; other < defense; other++)
            for (var image = 0; image < piece.Correct.Length; image++)
                WorstPairs[defense][strength][other].Add(piece.Correct[image], block.Attacked[other][strength].Correct[image]);
        for (var cell = 0; cell < _plan.Attacks; cell++)
        {
            var (own, others) = (piece.Cells[_plan.Canonical(defense, cell)], first.Cells[_plan.Canonical(0, cell)]);
            Add(Cells[defense][strength][cell], own.Correct, own.Met, others.Met, defense, recognised);
            Cells[defense][strength][cell].Count(own);
            if (_plan.Canonical(defense, cell) == cell) Worst[defense][strength].Count(own);
        }
    }

    private static void Add(OutcomeSum sum, int[] correct, int[] met, int[] baseMet, int defense, bool[][] recognised)
    {
        sum.Add(correct, met, recognised[defense]);
        if (defense > 0) sum.Compare(met, recognised[defense], baseMet, recognised[0]);
    }

    private T[] Sums<T>(Func<int, T> make) => [.. Enumerable.Range(0, _plan.Defenses).Select(make)];
}
