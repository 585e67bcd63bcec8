using Defenses.Training;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>What an augmented training keeps in its folder; nothing where there is none.</summary>
internal sealed class AugmentationFiles(string? directory, string settings)
{
    /// <summary>The checkpoint of a training.</summary>
    internal string? Training(AugmentationStage stage) => At($"{stage}.checkpoint".ToLowerInvariant());

    /// <summary>Saves the initial weights, or reads those that were saved; they are the kept ones, and the network's do not matter.</summary>
    internal void KeepStart(IReadOnlyList<(string Name, Tensor Value)> weights)
    {
        if (!Read("start", weights)) Write("start", weights);
    }

    /// <summary>Reads a part into tensors of its shapes, if it is there.</summary>
    internal bool Read(string name, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        if (At(name) is not { } path || !File.Exists(path)) return false;
        TrainingCheckpoint.Load(path, settings, new TrainingPosition(), tensors);
        return true;
    }

    internal void Write(string name, IReadOnlyList<(string Name, Tensor Value)> tensors)
    {
        if (At(name) is { } path) TrainingCheckpoint.Save(path, settings, new TrainingPosition(), tensors);
    }

    private string? At(string name) => directory is null ? null : Path.Combine(directory, name);
}
