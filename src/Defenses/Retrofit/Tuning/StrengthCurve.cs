namespace Defenses.Retrofit;

/// <summary>The result of tuning a layer's strength: the strongest setting within the budget, and every setting that was measured.</summary>
/// <param name="Strength">The strongest measured setting whose <see cref="StrengthPoint.DropBound"/> is within the budget; null when none is.</param>
/// <param name="BaselineAccuracy">The accuracy that drops are counted from.</param>
/// <param name="Points">All measured settings, from the weakest to the strongest.</param>
public sealed record StrengthCurve(double? Strength, double BaselineAccuracy, IReadOnlyList<StrengthPoint> Points);

/// <summary>What one setting of a layer's strength costs.</summary>
/// <param name="Strength">The setting.</param>
/// <param name="Accuracy">The share of right decisions over all images and draws.</param>
/// <param name="Drop">The accuracy lost against the baseline; negative where it was won.</param>
/// <param name="DropBound">An upper confidence bound on the loss for new images and draws.</param>
public readonly record struct StrengthPoint(double Strength, double Accuracy, double Drop, double DropBound);
