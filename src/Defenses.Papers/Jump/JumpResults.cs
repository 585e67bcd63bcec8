using Defenses.Evaluation;
using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What the protocol measured.</summary>
/// <param name="Tables">Tables 1, 2 and 4 of the data set's first network.</param>
/// <param name="Transfer">The paper's PGD crafted on one threshold and tested on another.</param>
/// <param name="Curve">Along κ.</param>
/// <param name="Plain">Attacks that know of the jump, on the plain network with rectifiers and with jumps.</param>
/// <param name="Robust">The same on the robust-trained network.</param>
internal sealed record JumpResults(
    JumpNetwork Tables, IReadOnlyList<TransferRow> Transfer, IReadOnlyList<CurvePoint> Curve, EvaluationReport Plain, EvaluationReport Robust)
{
    /// <summary>Table 3: local dimensionality in the network with rectifiers and with jumps; null where too few images were recognised.</summary>
    internal DetectorScores? Detection { get; init; }

    /// <summary>Tables 1, 2 and 4 of the wide networks.</summary>
    internal IReadOnlyList<JumpNetwork> Wide { get; init; } = [];
}

/// <summary>Tables 1, 2 and 4 of one network of the paper.</summary>
/// <param name="Sizes">At which it was measured.</param>
/// <param name="Task">The network.</param>
/// <param name="Accuracy">Without an attack, by model.</param>
/// <param name="Attacked">As the paper attacks.</param>
/// <param name="Gray">The paper's attacks made on the network with rectifiers and tested on all thresholds.</param>
internal sealed record JumpNetwork(
    JumpSizes Sizes, JumpTask Task, IReadOnlyList<ModelAccuracy> Accuracy, IReadOnlyList<AttackedModel> Attacked, IReadOnlyList<GrayRow> Gray);

/// <summary>A model without an attack.</summary>
internal sealed record ModelAccuracy(string Model, bool IsRobust, Proportion Rate);

/// <summary>A model under an attack of the paper.</summary>
/// <param name="Right">The share of decisions that still recognise each image.</param>
/// <param name="Changes">How large the change of each image is beside the image.</param>
internal sealed record AttackedModel(string Model, string Attack, double[] Right, double[] Changes)
{
    /// <summary>What it still recognises of all images.</summary>
    internal Proportion Accuracy => PairedShares.Rate(Right);

    /// <summary>ρ, the mean change.</summary>
    internal Estimate Change => SampleMean.StudentT(Changes);
}

/// <summary>Images that an attack made on the network with rectifiers, before the models with thresholds.</summary>
/// <param name="Right">Of each model the share of decisions that recognise each image.</param>
internal sealed record GrayRow(string Attack, bool IsRobust, string[] Models, double[][] Right)
{
    /// <summary>What each model recognises of all images.</summary>
    internal Proportion Accuracy(int model) => PairedShares.Rate(Right[model]);
}

/// <summary>Images crafted on a model, before others.</summary>
/// <param name="Right">Of each model the share of decisions that recognise each image.</param>
internal sealed record TransferRow(string From, bool IsRobust, string[] To, double[][] Right)
{
    /// <summary>What each model recognises of all images.</summary>
    internal Proportion Accuracy(int model) => PairedShares.Rate(Right[model]);
}

/// <summary>A threshold: accuracy without an attack, under the paper's PGD, and under PGD that takes the jump for a rectifier backwards.</summary>
internal sealed record CurvePoint(double Kappa, bool IsRobust, Proportion Clean, Proportion Paper, Proportion StraightThrough);
