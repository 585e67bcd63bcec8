using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>L∞: the region is a ball of radius τ; the part outside is penalised, and each success shrinks τ (Carlini and Wagner 2017, section VI-C).</summary>
internal sealed class CarliniWagnerLinf(AttackRun run, CarliniWagner attack) : CarliniWagnerRegion(run, attack, LargestConstant)
{
    private const double LargestConstant = 20, Shrinking = 0.9, SmallestShare = 1.0 / 256;

    private protected override Tensor FirstRegion(Tensor original) =>
        full([original.shape[0]], Bounds.Range, dtype: original.dtype, device: original.device);

    private protected override Tensor Points(Tensor box, Tensor original, Tensor region) =>
        (box * (Bounds.Range / 2)).add_((Bounds.Upper + Bounds.Lower) / 2).clamp_(Bounds.Lower, Bounds.Upper);

    private protected override (Tensor Value, Tensor Slope) Penalty(Tensor change, Tensor region)
    {
        var beyond = change.abs() - Norm.PerExample(region, change);
        return (beyond.clamp_min(0).flatten(1).sum(1) / Bounds.Range, change.sign() * (beyond > 0).to_type(change.dtype) / Bounds.Range);
    }

    private protected override Tensor Free(Tensor original, Tensor region) => ones([1], dtype: original.dtype, device: original.device);

    private protected override Tensor Fits(Tensor change, Tensor region) => Norm.Linf.Size(change) <= region;

    private protected override Tensor Shrink(Tensor region, Tensor change, Tensor gradient) => minimum(region, Norm.Linf.Size(change)) * Shrinking;

    private protected override Tensor Exhausted(Tensor region) => region < Bounds.Range * SmallestShare;
}
