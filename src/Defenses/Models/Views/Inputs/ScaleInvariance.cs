using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>SI: darker copies of each image, l + (x − l)/baseⁱ for copy i, with l the lower bound.</summary>
/// <remarks>
/// Shape: (N, …) → (N, …). Five copies by default. Source: Lin et al. 2020 (Nesterov and scale invariance), section 3.3: base 2. Three copies with base 1.5
/// lose less of small images.
/// </remarks>
public sealed record ScaleInvariance : InputTransform
{
    /// <summary>Scaled copies, by default five.</summary>
    public ScaleInvariance() => Copies = 5;

    /// <summary>The factor between one copy and the next, above 1; by default 2.</summary>
    public double Base
    {
        get;
        init => field = double.IsFinite(value) && value > 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(Base), value, $"{nameof(Base)} must be a finite number above 1.");
    } = 2;

    /// <inheritdoc/>
    public override bool IsRandom => false;

    /// <inheritdoc/>
    public override Tensor Apply(Tensor x, int copy, Bounds bounds, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return copy == 0 ? x.alias().MoveToOuterDisposeScope() : ((x - bounds.Lower) * Math.Pow(Base, -copy) + bounds.Lower).MoveToOuterDisposeScope();
    }
}
