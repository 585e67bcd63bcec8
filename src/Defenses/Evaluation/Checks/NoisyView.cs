using Defenses.Models;
using Defenses.Randomness;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>A model behind Gaussian noise on its input: what an attacker of a smoothed classifier looks at, draw by draw.</summary>
/// <remarks>Noisy images are not clipped.</remarks>
internal sealed class NoisyView(ModelView model, double std, RandomSource random) : InterceptingModelView(model)
{
    public override bool IsRandom => true;

    protected override Func<Tensor, Tensor>? Transform => Noisy;

    protected internal override DelegatingModelView Over(ModelView inner) => new NoisyView(inner, std, random);

    private Tensor Noisy(Tensor x)
    {
        using var noise = random.Normal(x, std);
        return x + noise;
    }
}
