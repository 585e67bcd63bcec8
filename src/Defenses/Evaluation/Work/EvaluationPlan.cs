using System.Globalization;
using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Randomness;

namespace Defenses.Evaluation.Work;

/// <summary>The work of an evaluation, piece by piece, with its seeds.</summary>
internal sealed class EvaluationPlan
{
    private readonly ulong _seed;
    private readonly bool _isWhole;
    private readonly int[][] _canonical;

    internal EvaluationPlan(EvaluationGrid evaluation, LabeledImages examples, ulong seed, Shard shard)
    {
        (Evaluation, Examples, _seed, _isWhole) = (evaluation, examples, seed, shard.Count <= 1);
        Options = [.. evaluation.Attacks.Select(entry => evaluation.Strengths.Select(entry.Options).ToArray())];
        _canonical = [.. Enumerable.Range(0, evaluation.Defenses.Count).Select(defense => CanonicalCells(ModelOf(defense, 0)))];
        Shown = TriesCurve.Shown(evaluation.Draws, evaluation.Threat.Tries);
        var blocks = (examples.Count + evaluation.BlockSize - 1) / evaluation.BlockSize;
        Blocks = [.. LongRange(blocks).Where(shard.Has)];
    }

    internal EvaluationGrid Evaluation { get; }

    internal LabeledImages Examples { get; }

    internal ulong Seed => _seed;

    /// <summary>The blocks of images of this run: all, or those of its shard.</summary>
    internal IReadOnlyList<long> Blocks { get; }

    /// <summary>Every attack's options at every strength.</summary>
    internal string[][] Options { get; }

    internal int Defenses => Evaluation.Defenses.Count;

    internal int Strengths => Evaluation.Strengths.Count;

    internal int Attacks => Evaluation.Attacks.Count;

    /// <summary>The pieces of the whole evaluation: clean blocks, cells, and (not in a shard) the checks of each defense.</summary>
    internal long Pieces => (_isWhole ? Enumerable.Range(0, Defenses).Count(IsProbed) : 0) + Blocks.Count * Enumerable.Range(0, Defenses)
        .Sum(defense => 1 + (long)Strengths * Distinct(defense).Count());

    internal (long First, long Count) Block(long block)
    {
        var first = block * Evaluation.BlockSize;
        return (first, Math.Min(Evaluation.BlockSize, Examples.Count - first));
    }

    /// <summary>The number of the cell whose run a cell repeats; its own number if it is run itself.</summary>
    internal int Canonical(int defense, int cell) => _canonical[defense][cell];

    /// <summary>The cells that are run against a defense.</summary>
    internal IEnumerable<int> Distinct(int defense) => Enumerable.Range(0, Attacks).Where(cell => _canonical[defense][cell] == cell);

    /// <summary>Whether a defense is probed by checks.</summary>
    internal bool IsProbed(int defense) => ChecksOf(defense).Count > 0;

    /// <summary>The checks that probe a defense: the chosen checks, and the check of certificates if it has any.</summary>
    internal IReadOnlyList<ModelCheck> ChecksOf(int defense) =>
        Evaluation.Defenses[defense].Smoothing is null || Evaluation.Checks.Contains(ModelCheck.BrokenCertificates)
            ? Evaluation.Checks : [.. Evaluation.Checks, ModelCheck.BrokenCertificates];

    /// <summary>The numbers of tries in the report.</summary>
    internal IReadOnlyList<int> Shown { get; }

    /// <summary>The model that is attacked and judged on a block: the defense, or the draw of it that the attacker knows.</summary>
    internal ModelView ModelOf(int defense, long block) => Evaluation.Threat.ModelOf(Evaluation.Defenses[defense].Model, block);

    internal ModelView ViewOf(int defense, int cell, long block)
    {
        var (model, view) = (ModelOf(defense, block), Evaluation.Attacks[cell].View);
        return view.IsPlainOn(model) ? model : view.Of(model, block);
    }

    /// <summary>hash(seed, purpose, defense, and for attacks cell and strength): independent of the order of work and of the other entries.</summary>
    internal ulong SeedOf(string purpose, int defense, int? strength = null, int? cell = null)
    {
        var seed = Seeds.Combine(Seeds.Combine(_seed, purpose), Evaluation.Defenses[defense].Name);
        if (strength is { } s) seed = Seeds.Combine(seed, Evaluation.Strengths[s].ToString("R", CultureInfo.InvariantCulture));
        return cell is { } c ? Seeds.Combine(Seeds.Combine(seed, Evaluation.Attacks[c].Name), Evaluation.Attacks[c].View.Name) : seed;
    }

    /// <summary>The attack of a cell for a block, with the seed of both.</summary>
    internal Attack AttackOf(int defense, int strength, int cell, long block) =>
        Evaluation.Attacks[cell].Make(Evaluation.Strengths[strength]) with { Seed = Seeds.Combine(SeedOf("attack", defense, strength, cell), block) };

    private static IEnumerable<long> LongRange(long count)
    {
        for (long i = 0; i < count; i++) yield return i;
    }

    // A view without effect on a model equals the plain view: cells that differ only in this are run once.
    private int[] CanonicalCells(ModelView model) =>
    [
        .. Enumerable.Range(0, Attacks).Select(cell =>
            Evaluation.Attacks[cell].View.IsPlainOn(model) ? EqualRuns(cell, model).DefaultIfEmpty(cell).First() : cell),
    ];

    private IEnumerable<int> EqualRuns(int cell, ModelView model) =>
        from other in Enumerable.Range(0, Attacks)
        let entry = Evaluation.Attacks[other]
        where entry.Name == Evaluation.Attacks[cell].Name && entry.Goal == Evaluation.Attacks[cell].Goal && Options[other].SequenceEqual(Options[cell])
        where entry.View == AttackerView.Plain || (entry.View.IsPlainOn(model) && other <= cell)
        orderby entry.View == AttackerView.Plain ? 0 : 1, other
        select other;
}
