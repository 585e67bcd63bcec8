using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>Does all work on a block of images that is not in the store yet.</summary>
internal sealed class BlockRunner(EvaluationPlan plan, WorkStore store, WorkProgress meter, CancellationToken cancellation)
{
    private readonly CellRunner _runner = new(plan, cancellation);

    internal BlockRecord Run(long block)
    {
        using var scope = NewDisposeScope();
        using var images = new BlockImages(plan, block);
        var clean = new CleanRecord[plan.Defenses];
        var attacked = new AttackRecord[plan.Defenses][];
        for (var defense = 0; defense < plan.Defenses; defense++)
        {
            clean[defense] = Clean(defense, block, images);
            attacked[defense] = new AttackRecord[plan.Strengths];
            for (var strength = 0; strength < plan.Strengths; strength++)
                attacked[defense][strength] = Attacked(defense, strength, block, images, clean[defense]);
        }
        return new BlockRecord(clean, attacked);
    }

    /// <summary>The block if all its work is in the store, otherwise null. Does no work and reads no images.</summary>
    internal BlockRecord? Finished(long block)
    {
        var count = plan.Block(block).Count;
        var clean = new CleanRecord[plan.Defenses];
        var attacked = new AttackRecord[plan.Defenses][];
        for (var defense = 0; defense < plan.Defenses; defense++)
        {
            if (store.Read<CleanRecord>(CleanName(block, defense)) is not { } piece || !Fits(piece, count)) return null;
            clean[defense] = piece;
            attacked[defense] = new AttackRecord[plan.Strengths];
            for (var strength = 0; strength < plan.Strengths; strength++)
                if (store.Read<AttackRecord>(AttackName(block, defense, strength)) is { } attack && Fits(attack, defense, count)) attacked[defense][strength] =
                    attack;
                else return null;
        }
        for (var defense = 0; defense < plan.Defenses; defense++) Count(defense, clean[defense], attacked[defense]);
        return new BlockRecord(clean, attacked);
    }

    private void Count(int defense, CleanRecord clean, AttackRecord[] attacked)
    {
        meter.End(defense, null, clean.Seconds);
        foreach (var piece in attacked)
            foreach (var cell in plan.Distinct(defense)) meter.End(defense, cell, piece.Cells[cell].Seconds);
    }

    private CleanRecord Clean(int defense, long block, BlockImages images)
    {
        var count = plan.Block(block).Count;
        var name = CleanName(block, defense);
        var piece = store.Read<CleanRecord>(name);
        if (piece is null || !Fits(piece, count))
        {
            meter.Begin(defense, null, 0, block);
            piece = _runner.Clean(defense, block, images.X, images.Labels);
            store.Write(name, piece);
        }
        meter.End(defense, null, piece.Seconds);
        return piece;
    }

    private AttackRecord Attacked(int defense, int strength, long block, BlockImages images, CleanRecord clean)
    {
        var name = AttackName(block, defense, strength);
        var piece = store.Read<AttackRecord>(name);
        if (piece is null || !Fits(piece, defense, plan.Block(block).Count))
        {
            piece = Attack(defense, strength, block, name, images, clean);
            store.Write(name, piece);
        }
        else foreach (var cell in plan.Distinct(defense)) meter.End(defense, cell, piece.Cells[cell].Seconds);
        foreach (var cell in plan.Distinct(defense)) store.Delete($"{name}-a{cell}");
        return piece;
    }

    private AttackRecord Attack(int defense, int strength, long block, string name, BlockImages images, CleanRecord clean)
    {
        using var scope = NewDisposeScope();
        var cells = plan.Distinct(defense).ToDictionary(cell => cell, cell => Cell(defense, strength, cell, block, $"{name}-a{cell}", images));
        var watch = Stopwatch.StartNew();
        var chosen = WorstCase.Choose(cells);
        var worst = WorstCase.Images(chosen, cells, images.X);
        var (correct, met) = WorstCase.Judge(plan, _runner, defense, strength, block, chosen, cells, worst, images.Labels, cancellation);
        var example = block == 0 ? ExampleImages.Choose(plan, defense, strength, chosen, clean, met, images, worst) : null;
        var kept = KeepsImages ? cells : cells.ToDictionary(cell => cell.Key, cell => cell.Value with { Adversarial = null });
        return new AttackRecord(kept, chosen, correct, met, watch.Elapsed.TotalSeconds, example);
    }

    private CellRecord Cell(int defense, int strength, int cell, long block, string name, BlockImages images)
    {
        var piece = store.Read<CellRecord>(name);
        if (piece is null || !CellRunner.Fits(piece, images.X))
        {
            meter.Begin(defense, cell, strength, block);
            piece = _runner.Attacked(defense, strength, cell, block, images.X, images.Labels);
            store.Write(name, piece);
        }
        meter.End(defense, cell, piece.Seconds);
        return piece;
    }

    private static string CleanName(long block, int defense) => $"b{block}-d{defense}";

    private static string AttackName(long block, int defense, int strength) => $"b{block}-d{defense}-s{strength}";

    private static bool Fits(CleanRecord piece, long count) => piece.Correct.Length == count && piece.Unprovoked.Length == count;

    // A record needs the images of each attack.
    private bool KeepsImages => plan.Evaluation.RecordFolder is not null;

    private bool Fits(AttackRecord piece, int defense, long count) =>
        piece.Correct.Length == count && piece.Met.Length == count && piece.Chosen.Length == count && plan.Distinct(defense).All(piece.Cells.ContainsKey)
        && (!KeepsImages || plan.Distinct(defense).All(cell => piece.Cells[cell].Adversarial is not null));
}

/// <summary>The images of a block, read on first use: a finished block is not read at all.</summary>
internal sealed class BlockImages(EvaluationPlan plan, long block) : IDisposable
{
    private (Tensor Images, Tensor Labels)? _read;

    internal Tensor X => Read().Images;

    internal Tensor Labels => Read().Labels;

    public void Dispose()
    {
        _read?.Images.Dispose();
        _read?.Labels.Dispose();
    }

    private (Tensor Images, Tensor Labels) Read()
    {
        if (_read is { } read) return read;
        using var scope = NewDisposeScope();
        var (first, count) = plan.Block(block);
        var (images, labels) = plan.Examples.Read(first, count);
        images.DetachFromDisposeScope();
        labels.DetachFromDisposeScope();
        _read = (images, labels);
        return (images, labels);
    }
}
