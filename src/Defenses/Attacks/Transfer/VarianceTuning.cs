using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>VMI: the gradient at the image plus its variance v of the step before, v = (mean gradient of the points) − (gradient at the image).</summary>
/// <remarks>Twenty points within 1.5·ε by default. Source: Wang and He 2021 (variance tuning), algorithm 1. With Nesterov all points are shifted.</remarks>
public sealed record VarianceTuning : NeighborGradient
{
    /// <summary>Twenty points within 1.5·ε.</summary>
    public VarianceTuning() => (Count, Radius) = (20, 1.5);

    internal override Estimate Begin(AttackRun run, ProjectedAscent ball) => new Tuned(this, run, ball);

    private sealed class Tuned(VarianceTuning options, AttackRun run, ProjectedAscent ball) : Estimate(options, run, ball)
    {
        private readonly PerExampleTensors _variance = new(zeros_like(run.Original));

        internal override Tensor At(Tensor x)
        {
            using var scope = NewDisposeScope();
            var gradient = Gradient(x);
            var sum = zeros_like(x);
            for (var number = 0; number < options.Count; number++)
            {
                using var inner = NewDisposeScope();
                sum.add_(Gradient(Near(x)));
            }
            var tuned = gradient + _variance[0];
            _variance[0] = sum / options.Count - gradient;
            return tuned.MoveToOuterDisposeScope();
        }

        public override void Dispose() => _variance.Dispose();
    }
}
