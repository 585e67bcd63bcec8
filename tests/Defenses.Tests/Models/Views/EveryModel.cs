using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>One model of two classes of pictures (N, 1, 3, 3), as every kind of model that a user may have.</summary>
internal static class EveryModel
{
    internal static IReadOnlyList<string> Kinds { get; } =
    [
        "module", "script", "delegate", "one logit", "noisy module", "scores", "probabilities", "decisions", "random scores", "random decisions", "custom view",
        "metered",
    ];

    /// <summary>The model of a kind; random kinds from a seed of their own.</summary>
    internal static ModelView Make(string kind)
    {
        var network = Detection.Pixels.Network(9);
        var plain = new Classifier(network, Bounds.Unit);
        var noise = new RandomSource(7);
        Tensor Shaken(Tensor x) => x + noise.Normal(x, 0.02);
        return kind switch
        {
            "module" => plain,
            "script" => new Classifier(
                ScriptArchive.Linear(network.get_parameter("last.weight")!.t().to_type(ScalarType.Float64), network.get_parameter("last.bias")!.to_type(
                    ScalarType.Float64)), Bounds.Unit, x => x.to_type(ScalarType.Float64)),
            "delegate" => new Classifier(x => network.call(x), Bounds.Unit, [network]),
            "one logit" => new Classifier(x => Odds(network.call(x)), Bounds.Unit, [network]) { Head = OutputHead.OneLogit },
            "noisy module" => new Classifier(Evaluated(nn.Sequential(("noise", new GaussianNoise(0.02)), ("network", network))), Bounds.Unit),
            "scores" => new ScoreOracle(x => plain.Logits(x), Bounds.Unit, 2),
            "probabilities" => new ScoreOracle(x => plain.Logits(x).softmax(1), Bounds.Unit, 2) { Kind = ScoreKind.Probabilities },
            "decisions" => new DecisionOracle(x => plain.Logits(x).argmax(1), Bounds.Unit, 2),
            "random scores" => new ScoreOracle(x => plain.Logits(Shaken(x)), Bounds.Unit, 2, isRandom: true),
            "random decisions" => new DecisionOracle(x => plain.Logits(Shaken(x)).argmax(1), Bounds.Unit, 2, isRandom: true),
            "custom view" => new Halved(plain),
            "metered" => new Metered(plain, maxForward: 1_000_000),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "kind must be a known kind."),
        };
    }

    private static nn.Module<Tensor, Tensor> Evaluated(nn.Module<Tensor, Tensor> network)
    {
        network.eval();
        network.Reseed(3);
        return network;
    }

    private static Tensor Odds(Tensor logits) => logits.narrow(1, 1, 1) - logits.narrow(1, 0, 1);

    /// <summary>A view from outside, which halves the logits.</summary>
    private sealed class Halved(ModelView inner) : DelegatingModelView(inner)
    {
        protected internal override Tensor ComputeLogits(Tensor x) => Inner.ComputeLogits(x) / 2;

        protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => Inner.ComputeGradient(x, logits => loss(logits / 2));

        protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
        {
            var (jacobian, logits) = Inner.ComputeJacobian(x);
            return (jacobian / 2, logits / 2);
        }

        protected internal override DelegatingModelView Over(ModelView inner) => new Halved(inner);
    }
}
