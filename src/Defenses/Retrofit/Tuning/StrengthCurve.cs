namespace Defenses.Retrofit;

/// <summary>The result of tuning a layer's strength: the strongest setting within the budget, and all measured settings.</summary>
/// <param name="Strength">The strongest measured setting whose <see cref="StrengthPoint.DropBound"/> is within the budget; null if there is none.</param>
/// <param name="BaselineAccuracy">The accuracy against which drops are measured.</param>
/// <param name="Points">All measured settings, from the weakest to the strongest.</param>
public sealed record StrengthCurve(double? Strength, double BaselineAccuracy, IReadOnlyList<StrengthPoint> Points);

/// <summary>The cost of one setting of a layer's strength.</summary>
/// <param name="Strength">The setting.</param>
/// <param name="Accuracy">The share of right decisions over all images and draws.</param>
/// <param name="Drop">The accuracy lost against the baseline; negative for a gain.</param>
/// <param name="DropBound">An upper confidence bound on the loss for new images and draws.</param>
public readonly record struct StrengthPoint(double Strength, double Accuracy, double Drop, double DropBound);
