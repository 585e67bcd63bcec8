using Defenses.Statistics;

namespace Defenses.Cli;

/// <summary>What <c>train</c> leaves beside the weights, as train.json: what the network is, and what it recognises.</summary>
internal sealed record TrainedModel
{
    internal const string CurrentSchema = "defense-bench.training/1";

    public string Schema { get; init; } = CurrentSchema;

    /// <summary>The file of weights, in the same folder.</summary>
    public required string File { get; init; }

    /// <summary>The network's name.</summary>
    public required string Network { get; init; }

    /// <summary>How it was trained.</summary>
    public required string Method { get; init; }

    /// <summary>Numbers of the method, such as ε.</summary>
    public IReadOnlyDictionary<string, double> MethodOptions { get; init; } = new Dictionary<string, double>();

    /// <summary>Channels of each block; empty for a network without switching.</summary>
    public required IReadOnlyList<int> Channels { get; init; }

    public required string DataSet { get; init; }

    public required long TrainingImages { get; init; }

    public required int Epochs { get; init; }

    /// <summary>The seed, as text: 64 bits.</summary>
    public required string Seed { get; init; }

    /// <summary>Test images recognised; with switching the exact mean over all paths.</summary>
    public required Proportion Accuracy { get; init; }

    /// <summary>With switching: the same network without it, trained alike, and what it recognises beyond the mean over paths (paired over images).</summary>
    public Proportion? BaseAccuracy { get; init; }

    public Estimate? AccuracyLoss { get; init; }

    /// <summary>With switching: every path.</summary>
    public IReadOnlyList<TrainedPath> Paths { get; init; } = [];
}
