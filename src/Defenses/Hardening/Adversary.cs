using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Attacks a network during its training: in evaluation mode, with separate random streams; afterwards the network's state is as before.</summary>
/// <param name="attack">The attack.</param>
/// <param name="bounds">The valid range of the images.</param>
/// <param name="draws">Random draws of the network averaged for each gradient.</param>
internal sealed class Adversary(Attack attack, Bounds bounds, int draws)
{
    private readonly Attack _attack = Require.NotNull(attack, nameof(attack));
    private readonly Bounds _bounds = bounds.Checked(nameof(bounds));

    /// <summary>Perturbs images, (N, …), away from their labels, (N,) classes or (N, classes) probabilities.</summary>
    internal Tensor Perturb(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, ulong seed)
    {
        Require.Images(images, _bounds.Lower, _bounds.Upper, nameof(images));
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        ModelView model = new Classifier(network, _bounds);
        var goal = Goal.Avoid(labels.dim() == 2 ? labels.argmax(1) : labels);
        return _attack.Craft(draws > 1 ? new Eot(model, draws) : model, images, goal, seed).MoveToOuterDisposeScope();
    }

    public override string ToString() => FormattableString.Invariant($"{_attack} through {draws} draws within [{_bounds.Lower}, {_bounds.Upper}]");
}
