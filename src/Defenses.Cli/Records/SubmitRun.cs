using Defenses.Evaluation;
using Defenses.Papers;
using Defenses.Zoo;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Adversarial images by others enter a record: the judge judges them, and a new record with a lower line is written.</summary>
internal sealed record SubmitRun
{
    /// <summary>The folder of the record.</summary>
    internal required string Record { get; init; }

    /// <summary>An AdversarialSet, the folder that 'attack' wrote, or a .npy file.</summary>
    internal required string Adversarial { get; init; }

    /// <summary>The name of the attack.</summary>
    internal required string Name { get; init; }

    /// <summary>The budget; null for the record's headline.</summary>
    internal double? Epsilon { get; init; }

    internal string By { get; init; } = "unknown";

    internal string How { get; init; } = "";

    /// <summary>The folder of the new record.</summary>
    internal required string Into { get; init; }

    internal void Execute()
    {
        if (Path.GetFullPath(Into) == Path.GetFullPath(Record)) throw new UserError("--out must be another folder than the record, which stays as it is.");
        var record = PathOption.Read("record", Record, () => EvaluationRecord.Open(Record));
        using var model = RebuiltModel.Open(record);
        using var images = Images(record);
        var epsilon = Epsilon ?? record.Settings.Headline;
        var next = Submit(record, new RecordSubmission(Name, images, epsilon) { By = By, How = How }, model);
        var (before, after) = (Line(record, epsilon), Line(next, epsilon));
        var judged = next.Attacks[^1];
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]{Name}[/]: accuracy {next.Accuracy(judged.Counts).MeanDraw}; images outside of the budget: {judged.OutsideBudget}.");
        AnsiConsole.MarkupLineInterpolated($"Under the worst attack of each image: {before} before, {after} now.");
        AnsiConsole.MarkupLineInterpolated($"The new record: {Path.GetFullPath(Into)}");
    }

    private EvaluationRecord Submit(EvaluationRecord record, RecordSubmission submission, RebuiltModel model)
    {
        try { return record.Submit(submission, model.View, Into); }
        catch (ArgumentException error) { throw PathOption.Bad("--adversarial", Adversarial, error.Message); }
    }

    private static Statistics.Proportion Line(EvaluationRecord record, double epsilon) =>
        record.Accuracy(record.Worst.First(worst => worst.Epsilon == epsilon).Counts).MeanDraw;

    private Tensor Images(EvaluationRecord record)
    {
        if (Path.GetExtension(Adversarial).Equals(".npy", StringComparison.OrdinalIgnoreCase)) return Npy(record);
        var file = Directory.Exists(Adversarial) ? Path.Combine(Adversarial, "adversarial.safetensors") : Adversarial;
        PathOption.RequireFile("--adversarial", file, "Give a .npy file, or what 'attack' has saved.");
        using var set = PathOption.Read("--adversarial", file, () => AdversarialSet.Load(file));
        return set.Adversarial.clone();
    }

    // Bytes stand for 0 to 255.
    private Tensor Npy(EvaluationRecord record)
    {
        PathOption.RequireFile("--adversarial", Adversarial, "Give a .npy file, or what 'attack' has saved.");
        using var array = PathOption.Read("--adversarial", Adversarial, () => NpyReader.Read(Adversarial));
        using var scope = NewDisposeScope();
        var (lower, range) = (record.Settings.Lower, record.Settings.Upper - record.Settings.Lower);
        var images = array.dtype == ScalarType.Byte ? array.to_type(ScalarType.Float32) / 255 * range + lower : array.to_type(ScalarType.Float32);
        return images.MoveToOuterDisposeScope();
    }
}
