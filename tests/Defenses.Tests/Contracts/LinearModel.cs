using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>A linear classifier, whose nearest adversarial example and steepest budget step are known in closed form.</summary>
internal sealed class LinearModel : nn.Module<Tensor, Tensor>
{
    private readonly TorchSharp.Modules.Linear linear;

    internal LinearModel(long inputs = 12, long classes = 4, ulong seed = 1, double scale = 1) : base(nameof(LinearModel))
    {
        linear = nn.Linear(inputs, classes);
        using var random = new Defenses.Randomness.RandomSource(seed);
        using (no_grad())
        using (var weight = random.Normal(linear.weight))
        using (var bias = random.Normal(linear.bias!))
        {
            linear.weight.copy_(weight).mul_(scale);
            linear.bias!.copy_(bias).mul_(scale);
        }
        RegisterComponents();
        eval();
    }

    internal Tensor Weight => linear.weight;

    internal Tensor Bias => linear.bias!;

    internal Classifier Classifier(Bounds? bounds = null) => new(this, bounds ?? Bounds.Unit);

    public override Tensor forward(Tensor x)
    {
        using var flat = x.flatten(1);
        return linear.call(flat);
    }

    /// <summary>Points well inside [0, 1], so that no step meets the bounds, with the model's own predictions as labels.</summary>
    internal (Tensor X, Tensor Labels) Data(long count = 16, ulong seed = 2)
    {
        using var random = new Defenses.Randomness.RandomSource(seed);
        using var like = zeros(count, linear.weight.shape[1]);
        using var uniform = random.Uniform(like);
        using var noGrad = no_grad();
        var x = uniform.mul(0.2).add(0.4);
        using var logits = call(x);
        return (x, logits.argmax(1));
    }
}
