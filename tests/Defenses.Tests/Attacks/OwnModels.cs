using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Models of an attacker: similar to <see cref="LinearModel"/> for its inputs, and constant for inputs of other shapes.</summary>
internal static class OwnModels
{
    internal static Classifier Like(LinearModel model) => new(new Anything(model), Bounds.Unit);

    /// <summary>A model of the same family as the usual linear model: the same weights plus those of another seed.</summary>
    internal static LinearModel Relative(int number, double difference = 0.5)
    {
        var network = new LinearModel();
        using var own = new LinearModel(seed: (ulong)number + 2, scale: difference);
        using var noGrad = no_grad();
        network.Weight.add_(own.Weight);
        return network;
    }

    private sealed class Anything : nn.Module<Tensor, Tensor>
    {
        private readonly LinearModel linear;

        internal Anything(LinearModel model) : base(nameof(Anything))
        {
            linear = model;
            RegisterComponents();
            eval();
        }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var flat = x.flatten(1);
            var logits = flat.shape[1] == linear.Weight.shape[1]
                ? linear.call(flat)
                : flat.sum(1, keepdim: true) * zeros(1, flat.shape[1] == 3 ? 2 : 4);
            return logits.MoveToOuterDisposeScope();
        }
    }
}
