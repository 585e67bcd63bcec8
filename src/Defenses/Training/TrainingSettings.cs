using System.Globalization;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>All settings that decide the result of a training, as text, one per line. A run can be resumed only with the same text.</summary>
internal static class TrainingSettings
{
    /// <param name="options">The options.</param>
    /// <param name="objective">The loss.</param>
    /// <param name="data">The training data.</param>
    /// <param name="tensors">The network's tensors.</param>
    /// <param name="validation">The data and score of early stopping; null without early stopping.</param>
    internal static string Describe(
        TrainingOptions options, TrainingObjective objective, ITrainingData data, IReadOnlyList<(string Name, Tensor Value)> tensors,
        (ITrainingData Data, ValidationScore Score)? validation = null)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;   // records print numbers in the user's culture
        try
        {
            string[] lines =
            [
                $"Epochs: {options.Epochs}", $"BatchSize: {options.BatchSize}", $"Update: {options.Update}", $"Seed: {options.Seed}",
                $"Objective: {objective}", $"Data: {data.Count} examples, {Sample(data)}",
                .. options.EarlyStopping is { } stopping && validation is { } found
                    ? [$"Stops early: {stopping} by {found.Score}, {found.Data.Count} examples, {Sample(found.Data)}"]
                    : Array.Empty<string>(),
                .. tensors.Select(tensor => $"{tensor.Name}: {tensor.Value.dtype} {Require.Shape(tensor.Value)}"),
            ];
            return string.Join('\n', lines);
        }
        finally { CultureInfo.CurrentCulture = before; }
    }

    /// <exception cref="InvalidOperationException">The texts differ; the message shows where.</exception>
    internal static void RequireSame(string path, string saved, string current)
    {
        if (saved == current) return;
        var (was, now) = (saved.Split('\n'), current.Split('\n'));
        var gone = was.Except(now).Take(5).Select(line => $"  it has   {line}");
        var come = now.Except(was).Take(5).Select(line => $"  you want {line}");
        throw new InvalidOperationException(
            $"'{path}' belongs to a training with other settings:\n{string.Join('\n', gone.Concat(come))}\n" +
            "Give the same settings to continue, or give another place (or delete it) to start again.");
    }

    // A hash of the first examples distinguishes data sets of the same size.
    private static string Sample(ITrainingData data)
    {
        long[] indices = [.. Enumerable.Range(0, (int)Math.Min(data.Count, 8)).Select(i => (long)i)];
        using var scope = NewDisposeScope();
        var (images, labels) = data.Batch(indices);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(images.detach().cpu().contiguous().bytes);
        hash.AppendData(labels.detach().cpu().contiguous().bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
