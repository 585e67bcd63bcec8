using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>A model behind Gaussian noise on its input: what an attacker of a smoothed classifier looks at, draw by draw. Noisy images are not clipped.</summary>
internal sealed class NoisyView(ModelView model, double std, RandomSource random) : ModelView
{
    public override Bounds Bounds => model.Bounds;

    public override long Classes => model.Classes;

    public override Queries Queries => model.Queries;

    public override bool IsRandom => true;

    protected internal override IReadOnlyList<nn.Module> Networks => model.Networks;

    protected internal override Tensor ComputeLogits(Tensor x)
    {
        using var noisy = Noisy(x);
        return model.ComputeLogits(noisy);
    }

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var noisy = Noisy(x);
        return model.ComputeGradient(noisy, loss);
    }

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var noisy = Noisy(x);
        return model.ComputeJacobian(noisy);
    }

    private Tensor Noisy(Tensor x)
    {
        using var noise = random.Normal(x, std);
        return x + noise;
    }
}
