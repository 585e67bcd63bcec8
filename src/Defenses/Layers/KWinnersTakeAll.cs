using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Keeps the k largest activations of each example and zeroes the others: y = x·[x is one of the k largest], k = ⌈share·d⌉ (top-k).</summary>
/// <remarks>
/// Shape: (N, …) → (N, …), d elements in an example. Slope 1 at the winners, 0 elsewhere; the winners change from point to point, so the output jumps and a
/// gradient holds for tiny changes only. Of equal activations any k count. Source: Xiao, Zhong and Zheng 2020 (k-winners-take-all), who train with it in place
/// of every ReLU, share 0.05 to 0.2. Tramèr et al. 2020 broke it by gradients estimated over larger neighborhoods. With <see cref="UseSurrogate"/> the backward
/// pass is that of soft winners, x·σ((x − t)/s): t is the smallest winner, s the mean of ∣x − t∣ in the example.
/// </remarks>
public sealed class KWinnersTakeAll : nn.Module<Tensor, Tensor>, ISurrogateGradient
{
    private const double Tiny = 1e-12;

    /// <summary>The activation with a share of winners.</summary>
    /// <param name="share">The share of the activations of an example that stay, above 0 and at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">share lies outside (0, 1].</exception>
    public KWinnersTakeAll(double share) : base(nameof(KWinnersTakeAll)) => Share = share;

    /// <summary>The share of the activations of an example that stay, above 0 and at most 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside (0, 1].</exception>
    public double Share
    {
        get;
        set => field = Require.Within(Require.Positive(value, "share"), 0, 1, "share");
    }

    /// <summary>Whether the backward pass is that of soft winners, with an unchanged forward pass; off by default.</summary>
    public bool UseSurrogate { get; set; }

    /// <summary>The winners of each example; the others are 0.</summary>
    /// <exception cref="ArgumentException">x is not floating point, or no batch.</exception>
    public override Tensor forward(Tensor x)
    {
        Require.Rows(x, nameof(x));
        using var scope = NewDisposeScope();
        if (x.numel() == 0) return x.clone().MoveToOuterDisposeScope();
        var flat = x.flatten(1);   // (N, …) → (N, d)
        var count = Math.Max(1, (int)Math.Ceiling(Share * flat.shape[1] - Tiny));
        var (values, places) = flat.detach().topk(count, 1, sorted: false);
        var winners = zeros_like(flat, dtype: ScalarType.Bool).scatter(1, places, ones_like(places, dtype: ScalarType.Bool));
        var least = values.amin([1], keepdim: true);
        Tensor Hard() => where(winners, flat, zeros_like(flat));
        return (UseSurrogate && x.requires_grad ? SurrogateGradient.Of(Hard, Soft(flat, least)) : Hard()).view(x.shape).MoveToOuterDisposeScope();
    }

    private static Tensor Soft(Tensor flat, Tensor least)
    {
        var width = (flat.detach() - least).abs().mean([1], keepdim: true) + Tiny;
        return flat * ((flat - least) / width).sigmoid();
    }
}
