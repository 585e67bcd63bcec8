using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>MEF: the mean of gradients at points around the image, each moved along a direction of its own that follows its last gradients.</summary>
/// <remarks>
/// Point i: x + U(radius) + shift·ε·r_i with gradient g_i; then r_i ← g_i/mean|g_i| − 0.9·r_i. Eight points within 2·ε and a shift of 0.15·ε by default.
/// Source: the public code of Qiu et al. 2024 (maximin expected flatness), which has twenty points.
/// </remarks>
public sealed record ExpectedFlatness : NeighborGradient
{
    private const double Decay = 0.9;

    /// <summary>The length of the shift as a multiple of ε, 0 or above; by default 0.15.</summary>
    public double Shift { get; init => field = Require.NotNegative(value, nameof(Shift)); } = 0.15;

    internal override Estimate Begin(AttackRun run, ProjectedAscent ball) => new Flat(this, run, ball);

    private sealed class Flat(ExpectedFlatness options, AttackRun run, ProjectedAscent ball) : Estimate(options, run, ball)
    {
        private readonly PerExampleTensors _directions =
            new([.. Enumerable.Range(0, options.Count).Select(_ => zeros_like(run.Original))]);

        private readonly double _shift = options.Shift * ball.Epsilon;

        internal override Tensor At(Tensor x)
        {
            using var scope = NewDisposeScope();
            var sum = zeros_like(x);
            for (var number = 0; number < options.Count; number++)
            {
                using var inner = NewDisposeScope();
                var gradient = Gradient(Near(x) + _directions[number] * _shift);
                sum.add_(gradient);
                _directions[number] = Along(gradient, 1) - _directions[number] * Decay;
            }
            return sum.div_(options.Count).MoveToOuterDisposeScope();
        }

        public override void Dispose() => _directions.Dispose();
    }
}
