using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>
/// L0: the region is the set of elements that may change. Each success freezes the elements that matter least, and the L2 attack continues
/// with the rest (Carlini and Wagner 2017, section VI-B).
/// </summary>
internal sealed class CarliniWagnerL0(AttackRun run, CarliniWagner attack) : CarliniWagnerRegion(run, attack, LargestConstant)
{
    private const double LargestConstant = 2e6, Matters = 0.01, Changed = 1e-4, FrozenShare = 0.3;

    private protected override Tensor FirstRegion(Tensor original) => Run.Masked(ones_like(original));

    // An element that has not moved equals the original exactly.
    private protected override Tensor Points(Tensor box, Tensor original, Tensor region)
    {
        var change = (box - (Centred(original) * 0.999999).atanh().tanh()) * (Bounds.Range / 2) * region;
        return (original + change).clamp_(Bounds.Lower, Bounds.Upper);
    }

    private protected override (Tensor Value, Tensor Slope) Penalty(Tensor change, Tensor region) => 
        ((change / Bounds.Range).square().flatten(1).sum(1), change * (2 / (Bounds.Range * Bounds.Range)));

    private protected override Tensor Free(Tensor original, Tensor region) => region;

    private protected override Tensor Fits(Tensor change, Tensor region) => ones([change.shape[0]], dtype: ScalarType.Bool, device: change.device);

    // Freezes in the order of |change|·|gradient|: up to and including the first element that matters, at most 0.3·√(changed elements).
    private protected override Tensor Shrink(Tensor region, Tensor change, Tensor gradient)
    {
        var free = region.flatten(1) > 0;
        var score = (change.abs() * gradient.abs()).flatten(1);
        var (sorted, order) = where(free, score, full_like(score, double.PositiveInfinity)).sort(1);
        var changed = (change.flatten(1).abs() > Changed * Bounds.Range).to_type(score.dtype).sum(1, keepdim: true);
        var most = (changed.sqrt() * FrozenShare).ceil().clamp_min(1);
        var upToMatter = (sorted <= Matters).to_type(score.dtype).sum(1, keepdim: true) + 1;
        var rank = arange(sorted.shape[1], dtype: score.dtype, device: score.device).unsqueeze(0);
        var kept = (rank >= minimum(most, upToMatter)).to_type(score.dtype);
        return (zeros_like(score).scatter_(1, order, kept) * region.flatten(1)).view(region.shape);
    }

    private protected override Tensor Exhausted(Tensor region) => region.flatten(1).sum(1).eq(0);
}
