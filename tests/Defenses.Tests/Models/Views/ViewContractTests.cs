using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class ClassifierAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model) => model;
}

public sealed class EotAsViewTests : ModelViewContract<Eot>
{
    protected override Eot Create(Classifier model) => new(model, 3);
}

public sealed class EotOfSeveralAsViewTests : ModelViewContract<Eot>
{
    protected override Eot Create(Classifier model) => new(new Surrogates([model, model], [0.25, 0.75]), 3);
}

public sealed class FixedDrawAsViewTests : ModelViewContract<FixedDraw>
{
    protected override FixedDraw Create(Classifier model) => new(model, 4);
}

public sealed class WithoutRandomnessAsViewTests : ModelViewContract<WithoutRandomness>
{
    protected override WithoutRandomness Create(Classifier model) => new(model);
}

public sealed class StraightThroughAsViewTests : ModelViewContract<StraightThrough>
{
    protected override StraightThrough Create(Classifier model) => new(model);
}

public sealed class SmoothedJumpsAsViewTests : ModelViewContract<SmoothedJumps>
{
    protected override SmoothedJumps Create(Classifier model) => new(model);
}

public sealed class DifferentiableProbabilitiesAsViewTests : ModelViewContract<DifferentiableProbabilities>
{
    protected override DifferentiableProbabilities Create(Classifier model) => new(model);
}

public sealed class MeteredAsViewTests : ModelViewContract<Metered>
{
    protected override Metered Create(Classifier model) => new(model) { MaxBackwardPerExample = 1000 };
}

/// <summary>A view of another library, as a run sees it: counted by what its queries say.</summary>
public sealed class TalliedViewTests : ModelViewContract<ModelView>
{
    protected override ModelView Create(Classifier model) => new TalliedView(model, new QueryTally(new QueryLedger(3, [])));
}

public sealed class SurrogatesAsViewTests : ModelViewContract<Surrogates>
{
    protected override Surrogates Create(Classifier model)
    {
        var other = new LinearModel(seed: 9);
        other.to(ScalarType.Float64);
        return new([model, new Classifier(other, Bounds.Unit)], [0.3, 0.7]);
    }
}

public sealed class TransformedInputsAsViewTests : ModelViewContract<TransformedInputs>
{
    protected override TransformedInputs Create(Classifier model) => new(model, [new ScaleInvariance { Copies = 3, Base = 1.5 }]);
}

public sealed class RandomTransformedInputsAsViewTests : ModelViewContract<TransformedInputs>
{
    private static readonly ImagePool s_pool = new(Numbers.Uniform([5, 12], ScalarType.Float64, seed: 4).DetachFromDisposeScope());

    protected override TransformedInputs Create(Classifier model) =>
        new(model, [new Admix(s_pool) { Copies = 2 }, new ScaleInvariance { Copies = 2 }], seed: 6);
}

public sealed class TransformedCopyTests : ModelViewContract<ModelView>
{
    protected override ModelView Create(Classifier model) =>
        new TransformedCopy(model, new TransformLayer([new ScaleInvariance()], [1], Bounds.Unit), isRandom: false);
}

public sealed class AllPathsAsViewTests : ModelViewContract<AllPaths>
{
    protected override bool HasJacobianOfLogits => true;

    protected override AllPaths Create(Classifier model)
    {
        var network = new SwitchingNetwork(
            [new SwitchingBlock([Linear(1, 12), Linear(2, 12)]), new SwitchingBlock([Linear(3, 4), Linear(4, 4), Linear(5, 4)])]);
        network.to(ScalarType.Float64);
        network.eval();
        return new(network, Bounds.Unit);

        static nn.Module<Tensor, Tensor> Linear(ulong seed, long outputs) =>
            nn.Sequential(("linear", new LinearModel(12, outputs, seed, 0.5)), ("tanh", nn.Tanh()));
    }
}

public sealed class NoisyViewTests : ModelViewContract<ModelView>
{
    protected override ModelView Create(Classifier model) => new NoisyView(model, 0.01, new RandomSource(3));
}

/// <summary>One image bounds all: a third of its elements stays as it is, so the gradient is 0 there.</summary>
public sealed class ConstrainedViewTests : ModelViewContract<ModelView>, IDisposable
{
    private readonly List<RunConstraint> _bound = [];

    protected override ModelView Create(Classifier model)
    {
        using var scope = NewDisposeScope();
        var constraint = Constraint.Mask(arange(12).remainder(3).ne(0)).And(Constraint.Between(0.05, 0.95));
        _bound.Add(new RunConstraint(constraint, full([1, 12], 0.5, dtype: ScalarType.Float64), Bounds.Unit, Norm.Linf, 0, new QueryLedger(1, [])));
        return new ConstrainedView(model, _bound[^1]);
    }

    public void Dispose() => _bound.ForEach(bound => bound.Dispose());
}

public sealed class RejectionViewTests : ModelViewContract<ModelView>
{
    protected override bool KeepsLinearity => false;

    protected override ModelView Create(Classifier model) => new RejectionView(model, [new DetectorLimit(new Brightness(), 0.45) { Weight = 2 }]);

    private sealed class Brightness : IDetectorScore
    {
        public Tensor Score(Tensor images) => images.flatten(1).square().mean([1L]).sqrt();
    }
}

/// <summary>Estimates gradients, so that they are near the true ones only.</summary>
public sealed class QueryGradientTests : ModelViewContract<ModelView>
{
    private readonly RandomSource _random = new(4);

    protected override double Tolerance => 0.8;

    protected override ModelView Create(Classifier model) => new QueryGradient(model, 4000, 1e-3, like => _random.Normal(like));
}

public sealed class RecordedViewTests : ModelViewContract<ModelView>
{
    protected override ModelView Create(Classifier model) =>
        new RecordedView(model, new QueryRecord(zeros(3, 12), Goal.Avoid(zeros([3], ScalarType.Int64)), Norm.L2, false));
}
