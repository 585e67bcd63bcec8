using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Layers;

/// <summary>Keeps rows of an activation at random by their norm, with the least variance, and scales the kept rows up:
/// row i times mᵢ, mᵢ = 1/πᵢ or 0.</summary>
/// <remarks>
/// Shape: (N, C, …) → the same; a row is a spatial position with all its channels. For (N, C) each unit is a row. Per example, c draws with
/// replacement are made with the probabilities p that minimize Σ αᵢ/πᵢ, α the squared norms, πᵢ = 1 − (1 − pᵢ)ᶜ. Unbiased for fixed p. p and m are
/// constants in the backward pass. Source: Sheikholeslami, Jain and Giannakis (Efficient randomized defense against adversarial attacks): after
/// each activation before flattening, at test time, c = 0.5, 1 or 2 times the number of input pixels. Differs: probabilities are exact, c is
/// by default a multiple of the layer's own rows, and each row is drawn independently (<see cref="SamplingMode.Bernoulli"/>), with the same mean and variance.
/// </remarks>
public sealed class MvmSampling : StochasticLayer, IFreezableProbabilities, ISamplingProbabilities
{
    private readonly double? _drawsPerRow;
    private readonly long _draws;
    private HeldProbabilities? _held;

    /// <summary>Sampling with a number of draws proportional to the number of rows.</summary>
    /// <param name="drawsPerRow">Draws per row, above 0; 1 by default. At least one draw is made. Fewer draws drop more rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">drawsPerRow is not a finite number above 0.</exception>
    public MvmSampling(double drawsPerRow = 1.0) : base(nameof(MvmSampling)) =>
        _drawsPerRow = Require.Positive(drawsPerRow, nameof(drawsPerRow));

    private MvmSampling(long draws) : base(nameof(MvmSampling)) => _draws = Require.AtLeast(draws, 1, nameof(draws));

    /// <summary>How the rows are drawn; by default each independently.</summary>
    public SamplingMode Mode { get; set; }

    /// <summary>
    /// From squared norms (N, K) and the number of draws to probabilities (N, K): <see cref="MvmProbabilities.Solve"/> by default, or
    /// <see cref="MvmProbabilities.SquareRoot"/>, or the paper's <see cref="MvmProbabilities.ProjectedGradient"/> with custom options.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public Func<Tensor, double, Tensor> Probabilities
    {
        get;
        set => field = Require.NotNull(value, "probabilities");
    } = MvmProbabilities.Solve;

    /// <summary>
    /// Whether the backward pass differentiates 1/π as well, as an adaptive attacker may want; off by default. The gradient is that of
    /// the exact probabilities.
    /// </summary>
    public bool DifferentiateProbabilities { get; set; }

    /// <summary>Sampling with a fixed number of draws, whatever the number of rows; as in the paper, where c is a multiple of the input's pixels.</summary>
    /// <param name="draws">The number of draws c, 1 or above.</param>
    /// <exception cref="ArgumentOutOfRangeException">draws is below 1.</exception>
    public static MvmSampling WithDraws(long draws) => new(draws);

    /// <inheritdoc/>
    /// <remarks>The detector uses this: it takes p from an unsampled pass.</remarks>
    public IDisposable HoldProbabilities()
    {
        if (_held is not null)
            throw new InvalidOperationException("The layer holds probabilities already. Dispose what HoldProbabilities returned before holding again.");
        _held = new HeldProbabilities();
        return new Undo(() =>
        {
            _held?.Dispose();
            _held = null;
        });
    }

    /// <inheritdoc/>
    protected override Tensor Sample(Tensor x, RandomSource random)
    {
        Require.Rows(x, nameof(x));
        if (x.numel() == 0) return x.alias();
        var draws = _drawsPerRow is { } perRow ? Math.Max(1, perRow * Rows(x)) : _draws;
        if (_held is { IsEmpty: true })
        {
            _held.Keep(Constant(x, draws));
            return x.alias();
        }
        var mask = Mask(_held?.For(x.shape[0]) ?? (DifferentiateProbabilities ? Differentiable(x, draws) : Constant(x, draws)), draws, random);
        long[] broadcast = x.dim() == 2 ? x.shape : [x.shape[0], 1, .. x.shape.Skip(2)];   // one weight per row, for all its channels
        return x * mask.view(broadcast).to_type(x.dtype);
    }

    /// <inheritdoc/>
    protected override Tensor Deterministic(Tensor x) => x.alias();

    private static long Rows(Tensor x) => x.dim() == 2 ? x.shape[1] : x.shape.Skip(2).Aggregate(1L, (product, length) => product * length);

    private Tensor Constant(Tensor x, double draws)
    {
        using var constant = no_grad();
        return Probabilities(RowEnergies.Of(x), draws);
    }

    private Tensor Differentiable(Tensor x, double draws)
    {
        var alpha = RowEnergies.Of(x);
        return MvmProbabilities.WithGradient(alpha, Probabilities(alpha.detach(), draws), draws);
    }

    private Tensor Mask(Tensor p, double draws, RandomSource random)
    {
        var kept = MvmProbabilities.Kept(p, draws);
        var drawn = Mode == SamplingMode.Bernoulli
            ? random.Bernoulli(kept.detach())
            : Masks.Drawn(random.Categorical(p.detach(), Math.Max(1, (long)Math.Round(draws))), p);
        return Masks.Weights(drawn, kept);
    }
}

/// <summary>The probabilities of an unsampled pass, stored for the passes after it.</summary>
internal sealed class HeldProbabilities : IDisposable
{
    private Tensor? _probabilities;   // (N, K)

    internal bool IsEmpty => _probabilities is null;

    internal void Keep(Tensor probabilities) => _probabilities = probabilities.DetachFromDisposeScope();

    /// <summary>The probabilities for a batch of the given size: unchanged, or repeated for each draw.</summary>
    internal Tensor For(long examples)
    {
        var held = _probabilities!.shape[0];
        if (examples % held != 0)
            throw new InvalidOperationException(
                $"The layer holds probabilities of {held} examples and was given {examples}. Give the batch of the clean pass, or whole repetitions of it.");
        return examples == held ? _probabilities.alias() : _probabilities.repeat(examples / held, 1);
    }

    public void Dispose() => _probabilities?.Dispose();
}
