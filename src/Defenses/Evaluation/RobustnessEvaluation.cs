using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Work;
using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Evaluates defenses × attacks × views × strengths on a set of images, judged on fresh draws, in one report.</summary>
/// <remarks>
/// The first defense is the base with which the others are compared, usually the unprotected model. All images are attacked; success is measured
/// on those that a defense recognizes by majority without attack, and also reported for all images. For each image the worst attack counts.
/// <para>
/// Work goes block by block, so that memory does not grow with the number of images. With a folder every finished piece is saved immediately: a run
/// that is interrupted at any moment and started again with the same settings ends with the same report, except for its timing. Seeds are
/// hash(seed, defense, attack, view, strength, block), so that neither order nor the other entries change a result.
/// </para>
/// </remarks>
public sealed class RobustnessEvaluation : EvaluationGrid
{
    /// <summary>An evaluation of every defense under every attack at every strength.</summary>
    /// <param name="defenses">The models, the base first; their names differ, their bounds are the same.</param>
    /// <param name="attacks">The attacks with their views; no two have the same name and view.</param>
    /// <param name="strengths">The budgets ε, above 0, in the units of the models' bounds; in any order, all different.</param>
    /// <exception cref="ArgumentException">An argument is empty, or violates a rule above.</exception>
    public RobustnessEvaluation(IReadOnlyList<DefenseEntry> defenses, IReadOnlyList<AttackEntry> attacks, IReadOnlyList<double> strengths)
        : base(defenses, attacks, strengths)
    {
    }

    /// <summary>Does the work that is not finished yet, and returns the report.</summary>
    /// <param name="examples">Images within the models' bounds, with labels.</param>
    /// <param name="folder">The folder for finished work, in its subfolder "work"; created if missing. By default (null) nothing is saved.</param>
    /// <param name="progress">Receives a report before every piece of work.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>; finished work stays in the folder.</param>
    /// <exception cref="IOException">The folder cannot be written to, or another process works in it.</exception>
    /// <exception cref="InvalidOperationException">
    /// The folder holds work of other settings, models or images; a model is in training mode, or its output is not logits; an attack needs a gradient of
    /// an oracle (<see cref="NoGradientException"/>).
    /// </exception>
    /// <exception cref="ArgumentException">A view is made for classifiers, and a model is none; or two defenses are one model.</exception>
    public EvaluationReport Run(
        LabeledImages examples, string? folder = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = Prepare(examples, cancellation);
        using var store = new WorkStore(folder);
        var plan = Begin(store, examples, default, folder);
        var meter = new WorkProgress(plan, progress);
        var runner = new BlockRunner(plan, store, meter, cancellation);
        return Report(plan, store, meter, plan.Blocks.Select(runner.Run), cancellation);
    }

    /// <summary>Does one of several parts of the work, which <see cref="Merge"/> combines. If interrupted and started again, it continues.</summary>
    /// <param name="examples">All images, including those of the other parts.</param>
    /// <param name="shard">The part: every n-th block of <see cref="EvaluationGrid.BlockSize"/> images.
    /// With more parts than blocks some parts are empty.</param>
    /// <param name="folder">The folder for its finished work; a different folder for each part, on any machine.</param>
    /// <param name="progress">Receives a report before every piece of work; the total is that of the part.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>; finished work stays in the folder.</param>
    /// <exception cref="IOException">The folder cannot be written to, or another process works in it.</exception>
    /// <exception cref="InvalidOperationException">
    /// <see cref="EvaluationGrid.Seed"/> is not set, which the parts must share; or the folder holds work of other settings, models or images.
    /// </exception>
    public void RunShard(
        LabeledImages examples, Shard shard, string folder, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (Seed is null) throw new InvalidOperationException("Seed must be set: all shards must draw from the same one.");
        using var scope = Prepare(examples, cancellation);
        using var store = new WorkStore(folder);
        var plan = Begin(store, examples, shard, folder);
        var meter = new WorkProgress(plan, progress);
        var runner = new BlockRunner(plan, store, meter, cancellation);
        foreach (var block in plan.Blocks) runner.Run(block);
        meter.Finish();
    }

    /// <summary>Combines the work of all shards. The report equals that of a single run, except for its timing.</summary>
    /// <param name="examples">All the images.</param>
    /// <param name="folders">The shards' folders, in any order.</param>
    /// <exception cref="IOException">A folder cannot be read, or a process still works in it.</exception>
    /// <exception cref="InvalidOperationException">
    /// Blocks are missing (the message names the first, and how many), or a folder holds work of other settings, models or images.
    /// </exception>
    public EvaluationReport Merge(LabeledImages examples, IReadOnlyList<string> folders)
    {
        using var scope = Prepare(examples, CancellationToken.None);
        using var stores = new WorkStores(Require.NotEmpty(folders, nameof(folders)));
        var plan = stores.All.Select((store, i) => Begin(store, examples, default, folders[i])).ToArray()[0];
        var meter = new WorkProgress(plan, null);
        var runners = stores.All.Select(store => new BlockRunner(plan, store, meter, CancellationToken.None)).ToArray();
        var pieces = plan.Blocks.Select(block => runners.Select(runner => runner.Finished(block)).FirstOrDefault(piece => piece is not null)).ToArray();
        var missing = plan.Blocks.Where((_, i) => pieces[i] is null).ToArray();
        if (missing.Length == 0) return Report(plan, stores.All[0], meter, pieces.OfType<BlockRecord>(), CancellationToken.None);
        var (first, count) = plan.Block(missing[0]);
        throw new InvalidOperationException(
            $"{missing.Length} of {plan.Blocks.Count} blocks of images are not finished in these folders, the first: images {first} to {first + count - 1}. " +
            "Finish the missing shards, and give all their folders.");
    }

    private IDisposable Prepare(LabeledImages examples, CancellationToken cancellation)
    {
        Require.NotNull(examples, nameof(examples));
        if (!Strengths.Contains(Headline))
            throw new InvalidOperationException($"HeadlineStrength must be one of the strengths; it is {Headline}, they are {string.Join(", ", Strengths)}.");
        ThreatRules.Require(this);
        EntryRules.RequireAttackable(this);
        if (RecordFolder is not null) RecordWriter.RequireRecordable(this);
        foreach (var defense in Defenses) defense.Model.RequireEvaluation();
        EntryRules.RequireDifferent(Defenses, examples);
        cancellation.ThrowIfCancellationRequested();
        return NewDisposeScope();
    }

    private EvaluationReport Report(EvaluationPlan plan, WorkStore store, WorkProgress meter, IEnumerable<BlockRecord> blocks, CancellationToken cancellation)
    {
        var sums = new EvaluationSums(plan);
        using var records = RecordFolder is null ? null : new RecordWriter(plan, RecordFolder);
        IReadOnlyList<ExampleImage>? pictures = null;
        foreach (var (number, piece) in blocks.Index())
        {
            sums.Add(piece);
            records?.Add(plan.Blocks[number], piece);
            pictures ??= [.. piece.Attacked.Select(attacked => attacked[HeadlineIndex].Example).OfType<ExampleImage>()];   // of the first block
        }
        records?.Finish();
        var report = new ReportBuilder(plan, sums).Build(ReportBuilder.Settings(plan), pictures ?? []);
        var probed = new CheckStage(plan, store, meter, cancellation).Run(report);
        meter.Finish();
        return probed with { Timing = ForwardTiming.Measure(plan, meter) };
    }

    // Reserves the folder for these settings, or throws if its work has other settings.
    private EvaluationPlan Begin(WorkStore store, LabeledImages examples, Shard shard, string? folder)
    {
        var begun = store.Read<Fingerprint>(Fingerprint.FileName);
        var plan = new EvaluationPlan(this, examples, Seed ?? begun?.Settings.Seed ?? Seeds.Unpredictable(), shard);
        var now = Fingerprint.Of(plan, ReportBuilder.Settings(plan));
        if (begun is not null) now.RequireSame(begun, folder!);
        else store.Write(Fingerprint.FileName, now);
        return plan;
    }
}
