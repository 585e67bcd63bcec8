using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Hardening;

/// <summary>Attacks a network that is being trained: in evaluation mode, from streams of its own, and leaving everything as it was.</summary>
/// <param name="attack">What it does.</param>
/// <param name="bounds">The valid range of the images.</param>
/// <param name="draws">Draws of a random network behind each look.</param>
internal sealed class Adversary(Attack attack, Bounds bounds, int draws)
{
    private readonly Attack _attack = Require.NotNull(attack, nameof(attack));
    private readonly Bounds _bounds = bounds.Checked(nameof(bounds));

    /// <summary>Images, (N, …), that the network shall not recognise as their labels, (N,) classes or (N, classes) probabilities.</summary>
    internal Tensor Against(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, ulong seed)
    {
        Require.Images(images, _bounds.Lower, _bounds.Upper, nameof(images));
        using var scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        ModelView model = new Classifier(network, _bounds);
        var goal = Goal.Avoid(Require.Classes(labels, nameof(labels)));
        return _attack.Craft(draws > 1 ? new Eot(model, draws) : model, images, goal, seed).MoveToOuterDisposeScope();
    }

    public override string ToString() => FormattableString.Invariant($"{_attack} through {draws} draws within [{_bounds.Lower}, {_bounds.Upper}]");
}
