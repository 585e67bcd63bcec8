using System.Globalization;
using System.Security.Cryptography;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Training;

/// <summary>All that decides the outcome of a training, as text, one setting a line: a run goes on with the same text only.</summary>
internal static class TrainingSettings
{
    /// <param name="options">The options.</param>
    /// <param name="objective">What is minimised.</param>
    /// <param name="data">What is trained on.</param>
    /// <param name="tensors">The network's.</param>
    /// <param name="validation">What early stopping goes by, and how it is measured; null where it decides nothing.</param>
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
            "Give the same settings to go on, or another place (or delete it) to begin anew.");
    }

    // A hash of the first examples tells one data set of the same size from another.
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
