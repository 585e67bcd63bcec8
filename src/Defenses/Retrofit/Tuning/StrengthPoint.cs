namespace Defenses.Retrofit;

/// <summary>What one setting of a layer's strength costs.</summary>
/// <param name="Strength">The setting.</param>
/// <param name="Accuracy">The share of right decisions over all images and draws.</param>
/// <param name="Drop">The accuracy lost against the baseline; negative where it was won.</param>
/// <param name="DropBound">An upper confidence bound on the loss for new images and draws.</param>
public readonly record struct StrengthPoint(double Strength, double Accuracy, double Drop, double DropBound);
