using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Attacks a network during its training: in evaluation mode, with separate random streams; afterwards the network's state is as before.</summary>
internal sealed record Adversary
{
    private readonly Attack _attack;
    private readonly Bounds _bounds;

    /// <summary>An adversary with one draw for a gradient.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="bounds">The valid range of the images.</param>
    internal Adversary(Attack attack, Bounds bounds) => (_attack, _bounds) = (Require.NotNull(attack, nameof(attack)), bounds.Checked(nameof(bounds)));

    /// <summary>Random draws of the network averaged for each gradient, at least 1 (default).</summary>
    internal int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 1;

    /// <summary>Perturbs images, (N, …), away from their labels, (N,) classes or (N, classes) probabilities.</summary>
    internal Tensor Perturb(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, ulong seed)
    {
        Require.Images(images, _bounds.Lower, _bounds.Upper, nameof(images));
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        ModelView model = new Classifier(network, _bounds);
        var goal = Goal.Avoid(Require.Classes(labels, nameof(labels)));
        return _attack.Craft(Draws > 1 ? new Eot(model, Draws) : model, images, goal, seed).MoveToOuterDisposeScope();
    }

    public override string ToString() => FormattableString.Invariant($"{_attack} through {Draws} draws within [{_bounds.Lower}, {_bounds.Upper}]");
}
