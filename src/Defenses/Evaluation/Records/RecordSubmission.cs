using System.Globalization;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Adversarial images for the images of a record, made by anybody in any way. Does not own the tensor.</summary>
public sealed class RecordSubmission
{
    /// <summary>A submission.</summary>
    /// <param name="attack">The name of the attack, unlike those in the record.</param>
    /// <param name="images">The adversarial images, (N, …), in the order of the record's images and in their shape.</param>
    /// <param name="epsilon">The budget that they keep, one of the record's. Images outside of it count as no attack.</param>
    public RecordSubmission(string attack, Tensor images, double epsilon)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(attack);
        (Attack, Images, Epsilon) = (attack, Require.Batch(images, nameof(images)), Require.Positive(epsilon, nameof(epsilon)));
    }

    /// <summary>The name of the attack.</summary>
    public string Attack { get; }

    /// <summary>The adversarial images, (N, …).</summary>
    public Tensor Images { get; }

    /// <summary>The budget.</summary>
    public double Epsilon { get; }

    /// <summary>Who made them; "unknown" by default.</summary>
    public string By { get; init => field = Require.NotNull(value, nameof(By)); } = "unknown";

    /// <summary>How they were made, such as the options of the attack or the address of its code; empty by default.</summary>
    public string How { get; init => field = Require.NotNull(value, nameof(How)); } = "";

    /// <summary>The clock of the record's date; by default the system's.</summary>
    public TimeProvider Clock { get; init => field = Require.NotNull(value, nameof(Clock)); } = TimeProvider.System;

    internal EvaluationRecord Judge(EvaluationRecord record, ModelView model, string folder, ulong? seed)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        using var scope = NewDisposeScope();
        if (record.CompareFiles().FirstOrDefault() is { } changed)
            throw new InvalidDataException($"'{record.Folder}' is no whole record: {changed.Text} Fetch it again.");
        var device = RecordedModel.DeviceOf(model);
        var (x, labels) = (record.ReadImages().to(device), record.ReadLabels().to(device));
        var images = Checked(record, model, x);
        using var staging = new RecordStaging(folder);
        Copy(record.At(""), staging.Folder);
        var file = $"attacks/{(record.Attacks.Count + 1).ToString("00", CultureInfo.InvariantCulture)}.npy";
        NpyFile.Write(staging.At(file), images.Images);
        var start = seed ?? Seeds.Unpredictable();
        var judged = Entry(file, images.Replaced, Counts(record, model, Seeds.Combine(start, "submitted"), images.Images, labels));
        var next = record with { Attacks = [.. record.Attacks, judged] };
        var worst = Worst(next, model, Seeds.Combine(start, "worst"), x, labels, images.Images);
        staging.Finish(next with
        {
            Worst = [.. record.Worst.Select(each => each.Epsilon == Epsilon ? worst : each)],
            Timing = new RecordTiming(Clock.GetUtcNow(), RecordInTheMaking.MachineText()),
        });
        return EvaluationRecord.Open(folder);
    }

    private RecordedAttack Entry(string file, int replaced, RecordedCounts counts) => new()
    {
        Attack = Attack, View = AttackerView.Plain.Name, Epsilon = Epsilon, Options = How, File = file, OutsideBudget = replaced, SubmittedBy = By,
        Counts = counts,
    };

    private (Tensor Images, int Replaced) Checked(EvaluationRecord record, ModelView model, Tensor x)
    {
        var settings = record.Settings;
        if (!Images.shape.SequenceEqual(x.shape))
            throw new ArgumentException($"images must have the shape of the record's, {Require.Shape(x)}; they have {Require.Shape(Images)}.");
        if (!settings.Strengths.Contains(Epsilon))
            throw new ArgumentException($"epsilon must be a budget of the record, {string.Join(" or ", settings.Strengths)}; it is {Epsilon}.");
        if (record.AttacksAt(Epsilon).Any(attack => attack.FullName == Attack))
            throw new ArgumentException($"attack must be a new name; the record has an attack '{Attack}' at ε = {Epsilon} already.");
        if (RecordedModel.WeightsOf(model) != record.Model.Weights)
            throw new ArgumentException("model must be the model of the record; this one has other weights. Make it again from the record.");
        var (images, replaced) = BudgetEnforcement.Enforce(x, Images.to_type(x.dtype).to(x.device), RecordedNorm.Find(settings.Norm)!, Epsilon, model.Bounds);
        return (images.contiguous(), replaced);
    }

    private RecordedWorst Worst(EvaluationRecord next, ModelView model, ulong seed, Tensor x, Tensor labels, Tensor images)
    {
        using var scope = NewDisposeScope();
        var attacks = next.AttacksAt(Epsilon);
        var chosen = RecordedWorstCase.Choose(attacks);
        if (!RecordedWorstCase.IsJudgedAgain(next.Model.IsRandom, attacks.Count))
            return new RecordedWorst
            {
                Epsilon = Epsilon, Chosen = chosen, Counts = new RecordedCounts { Seed = seed, Correct = [.. RecordedWorstCase.Counts(attacks, chosen)] },
            };
        var worst = x.clone();
        foreach (var number in chosen.Distinct())
        {
            var rows = tensor(chosen.Index().Where(each => each.Item == number).Select(each => (long)each.Index).ToArray(), device: x.device);
            var source = number == attacks.Count - 1 ? images : next.ReadAdversarial(attacks[number]).to(x.device);
            worst.index_copy_(0, rows, source.index_select(0, rows));
        }
        return new RecordedWorst { Epsilon = Epsilon, Chosen = chosen, Counts = Counts(next, model, seed, worst, labels) };
    }

    private static RecordedCounts Counts(EvaluationRecord record, ModelView model, ulong seed, Tensor images, Tensor labels) => new()
    {
        Seed = seed,
        Correct = [.. new Judge(record.Settings.Draws) { Seed = seed, Confidence = record.Settings.Confidence }.Measure(model, images, labels).Correct],
    };

    private static void Copy(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target, overwrite: true);
        }
    }
}
