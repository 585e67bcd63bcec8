using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Multiplies activations by what a layer drew.</summary>
internal static class Masks
{
    /// <summary>x·mask, constant in the mask, which is used up: without a gradient to record, the product takes its memory.</summary>
    internal static Tensor Apply(Tensor x, Tensor mask)
    {
        var records = x.requires_grad && is_grad_enabled();
        return records || !x.shape.AsSpan().SequenceEqual(mask.shape) ? x * mask : mask.mul_(x);
    }

    /// <summary>1/π where kept (1), 0 elsewhere (0), also for π = 0; NaN where π is NaN.</summary>
    internal static Tensor Weights(Tensor kept, Tensor probabilities) =>
        kept / probabilities.clamp_min(Tiny(probabilities));

    /// <summary>1 where a class of positive probability was drawn at least once, else 0: draws (N, r) of K classes → (N, K).</summary>
    internal static Tensor Drawn(Tensor draws, Tensor probabilities) =>
        zeros(probabilities.shape, dtype: probabilities.dtype, device: probabilities.device)
            .scatter_(1, draws, ones([1, 1], dtype: probabilities.dtype, device: probabilities.device).expand(draws.shape))
            .mul_(probabilities.gt(0));

    /// <summary>x in single precision at least: what probabilities are computed in.</summary>
    internal static Tensor Precise(Tensor x) => x.dtype == ScalarType.Float64 ? x : x.to_type(ScalarType.Float32);

    /// <summary>A normal number close to zero.</summary>
    internal static double Tiny(Tensor x) => x.dtype == ScalarType.Float64 ? 1e-300 : 1e-37;
}
