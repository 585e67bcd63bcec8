using System.Globalization;
using System.Security.Cryptography;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Statistics;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>Judges a record again, and names each difference.</summary>
/// <remarks>
/// Each case is judged twice: with the draws of the record, where the same arithmetic must give the same counts and any other rates in the intervals; and, of
/// a random model, with fresh draws, where the rate of one answer must lie in its interval. The second finds seeds that were chosen for their draws.
/// </remarks>
internal sealed class RecordVerifier(EvaluationRecord record, ModelView model, ulong? seed, IProgress<double>? progress, CancellationToken cancellation)
{
    private readonly List<RecordDifference> _differences = [];
    private readonly List<RecordRate> _rates = [];
    private readonly ulong _fresh = seed ?? Seeds.Unpredictable();
    private bool _isSame;
    private int _cases, _equal;

    private int AllCases => 2 + record.Attacks.Count + record.Worst.Count;

    internal RecordVerification Run()
    {
        model.RequireEvaluation();
        using var scope = NewDisposeScope();
        _differences.AddRange(record.CompareFiles());
        if (Images() is var (x, labels) && Model(x, labels)) Judge(x, labels);   // on the device of the model
        return new RecordVerification
        {
            Name = record.Name, Id = record.Id, HasSameArithmetic = _isSame, EqualCases = _equal, Cases = _cases, Differences = _differences, Rates = _rates,
        };
    }

    // Null where they cannot be judged.
    private (Tensor X, Tensor Labels)? Images()
    {
        if (Read(record.ReadImages) is not { } x || Read(record.ReadLabels) is not { } labels) return null;
        if (x.dim() < 2 || x.shape[0] != record.Settings.Images || labels.dtype != ScalarType.Int64 || labels.dim() != 1
            || labels.shape[0] != record.Settings.Images)
            return Stop($"there must be {record.Settings.Images} images and as many labels, int64; there are {Require.Shape(x)} and {Require.Shape(labels)}");
        if (!x.isfinite().all().ToBoolean() || (x < record.Settings.Lower - 1e-5).any().ToBoolean() || (x > record.Settings.Upper + 1e-5).any().ToBoolean())
            return Stop($"images must lie within {record.Settings.Lower} to {record.Settings.Upper}");
        if (HashOf(x, labels) != record.Images) Differ("images", "the images or labels are not those that the record names by their hash");
        var device = RecordedModel.DeviceOf(model);
        return (x.to(device), labels.to(device));
    }

    private (Tensor, Tensor)? Stop(string text)
    {
        Differ("images", text);
        return null;
    }

    private Tensor? Read(Func<Tensor> read)
    {
        try { return read(); }
        catch (Exception error) when (error is InvalidDataException or FileNotFoundException or DirectoryNotFoundException)
        {
            Differ("files", error.Message);
            return null;
        }
    }

    // False where the images cannot be judged by this model.
    private bool Model(Tensor x, Tensor labels)
    {
        var recorded = record.Model;
        if (model.Bounds != new Bounds(record.Settings.Lower, record.Settings.Upper))
        {
            Differ("model", $"the model has the bounds {model.Bounds}; the record's are {record.Settings.Lower} to {record.Settings.Upper}");
            return false;
        }
        if (model.IsRandom != recorded.IsRandom) Differ("model", $"the model is {Random(model.IsRandom)}, and was {Random(recorded.IsRandom)}");
        if (RecordedModel.WeightsOf(model) != recorded.Weights) Differ("model", "the model has other weights than the record names by their hash");
        var graph = RecordedModel.GraphOf(model);
        if (!graph.SequenceEqual(recorded.Graph)) Differ("model", $"the model is made of other layers: {First(recorded.Graph, graph)}");
        using var one = model.Logits(model.Bounds.Clip(x.narrow(0, 0, 1)));
        if (labels.min().ToInt64() >= 0 && labels.max().ToInt64() < one.shape[1])
        {
            _isSame = recorded.Arithmetic is { } bits
                && RecordedModel.ArithmeticOf(model, record.Clean.Seed, x.shape[0], (first, count) => x.narrow(0, first, count).alias()) == bits;
            return true;
        }
        Differ("images", $"the labels must lie in 0 to {one.shape[1] - 1}, the classes of the model");
        return false;
    }

    private void Judge(Tensor x, Tensor labels)
    {
        Case("no attack", record.Clean, x, labels);
        Case("null attack", record.Null, x, labels);
        Null();
        foreach (var (epsilon, worst) in record.Worst.Select(worst => (worst.Epsilon, worst))) Strength(epsilon, worst, x, labels);
    }

    private void Strength(double epsilon, RecordedWorst worst, Tensor x, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var images = x.clone();
        var attacks = record.AttacksAt(epsilon);
        foreach (var (number, attack) in attacks.Index())
        {
            if (Within(attack, x) is not { } adversarial) continue;
            Case($"{attack.FullName} at ε = {Number(epsilon)}", attack.Counts, adversarial, labels);
            var rows = worst.Chosen.Index().Where(chosen => chosen.Item == number).Select(chosen => (long)chosen.Index).ToArray();
            if (rows.Length == 0) continue;
            var index = tensor(rows, device: x.device);
            images.index_copy_(0, index, adversarial.index_select(0, index));
        }
        if (!RecordedWorstCase.Choose(attacks).SequenceEqual(worst.Chosen))
            Differ("choice", $"the worst attack of each image at ε = {Number(epsilon)} does not follow from the counts of the attacks");
        if (RecordedWorstCase.IsJudgedAgain(record.Model.IsRandom, attacks.Count)) Case($"worst attack at ε = {Number(epsilon)}", worst.Counts, images, labels);
        else if (!RecordedWorstCase.Counts(attacks, worst.Chosen).SequenceEqual(worst.Counts.Correct))
            Differ("counts", $"the counts of the worst attack at ε = {Number(epsilon)} are not those of the attacks it names");
    }

    // The images as the judge takes them: those outside of the budget replaced by their originals. Null where they cannot be read.
    private Tensor? Within(RecordedAttack attack, Tensor x)
    {
        if (Read(() => record.ReadAdversarial(attack)) is not { } adversarial) return null;
        var what = $"{attack.FullName} at ε = {Number(attack.Epsilon)}";
        if (!adversarial.shape.SequenceEqual(x.shape) || adversarial.dtype != x.dtype)
        {
            Differ("images", $"the images of {what} must be {x.dtype} {Require.Shape(x)}; they are {adversarial.dtype} {Require.Shape(adversarial)}");
            return null;
        }
        var (images, replaced) = BudgetEnforcement.Enforce(x, adversarial.to(x.device), RecordedNorm.Find(record.Settings.Norm)!, attack.Epsilon, model.Bounds);
        if (replaced > 0) Differ("budget", $"{replaced} images of {what} lie outside of the budget or the bounds");
        return images;
    }

    private void Case(string what, RecordedCounts recorded, Tensor images, Tensor labels)
    {
        cancellation.ThrowIfCancellationRequested();
        _cases++;
        var found = Counts(recorded.Seed, images, labels);
        var fresh = model.IsRandom ? record.Accuracy(recorded with { Correct = Counts(Seeds.Combine(_fresh, what), images, labels) }).MeanDraw : null;
        progress?.Report((double)_cases / AllCases);
        var different = found.Zip(recorded.Correct).Index().Where(pair => pair.Item.First != pair.Item.Second).ToArray();
        if (different.Length == 0) _equal++;
        else if (_isSame)
            Differ("counts", $"{what}: {different.Length} images have other counts although the arithmetic is the same; image {different[0].Index} was "
                + $"right in {different[0].Item.Second} of {record.Settings.Draws} draws, and is right in {different[0].Item.First}");
        var (then, now) = (record.Accuracy(recorded), record.Accuracy(recorded with { Correct = found }));
        Compare(what, "one answer", then.MeanDraw, now.MeanDraw, fresh);
        Compare(what, "majority", then.Majority, now.Majority, null);
        Compare(what, $"all {record.Settings.Draws}", then.WorstOfK, now.WorstOfK, null);
    }

    private void Compare(string what, string rate, Proportion recorded, Proportion found, Proportion? fresh)
    {
        _rates.Add(new RecordRate(what, rate, recorded, found.Rate, fresh?.Rate));
        if (!Holds(recorded, found.Rate)) Differ("rate", $"{what}, {rate}: recorded {recorded}, found {Percent(found.Rate)}");
        if (fresh is not null && !Holds(recorded, fresh.Rate))
            Differ("fresh draws", $"{what}, {rate}: recorded {recorded}, found {Percent(fresh.Rate)} on draws that nobody knew before");
    }

    private void Null()
    {
        var (clean, none) = (record.Accuracy(record.Clean).MeanDraw, record.Accuracy(record.Null).MeanDraw);
        if (none.Upper < clean.Lower)
            Differ("null attack", $"the attack that does nothing lowers the accuracy from {clean} to {none}: the counts are not honest");
    }

    private int[] Counts(ulong judge, Tensor images, Tensor labels) =>
    [
        .. new Judge(record.Settings.Draws) { Seed = judge, Confidence = record.Settings.Confidence }.Measure(model, images, labels, 0, cancellation).Correct,
    ];

    /// <summary>The hash that a record has of its images and labels.</summary>
    internal static string HashOf(Tensor x, Tensor labels)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(x.bytes);
        hash.AppendData(SHA256.HashData(labels.bytes));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Differ(string kind, string text) => _differences.Add(new RecordDifference(kind, text + "."));

    /// <summary>Whether a rate lies in the interval of a recorded one, widened to whole images: one image that another machine answers otherwise is no
    /// difference where the interval ends just above 0 or below 1.</summary>
    internal static bool Holds(Proportion recorded, double found) =>
        found * recorded.Trials >= Math.Floor(recorded.Lower * recorded.Trials) - 1e-6
        && found * recorded.Trials <= Math.Ceiling(recorded.Upper * recorded.Trials) + 1e-6;

    private static string First(IReadOnlyList<string> then, IReadOnlyList<string> now) =>
        $"'{then.Except(now).FirstOrDefault() ?? "nothing more"}' was recorded, '{now.Except(then).FirstOrDefault() ?? "nothing more"}' is there";

    private static string Random(bool isRandom) => isRandom ? "random" : "deterministic";

    private static string Percent(double rate) => string.Create(CultureInfo.InvariantCulture, $"{100 * rate:F1} %");

    private static string Number(double epsilon) => epsilon.ToString("G4", CultureInfo.InvariantCulture);
}
