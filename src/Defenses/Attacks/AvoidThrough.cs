using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Untargeted, across the boundary to one chosen class: met by any wrong class, with the chosen class's lead over the label as the margin.</summary>
/// <remarks>What the targeted parts of AutoAttack and the trust region attack climb. Holds both class numbers, (N,) int64; not an owner of them.</remarks>
internal sealed class AvoidThrough(Tensor labels, Tensor towards) : Goal(labels)
{
    private readonly Tensor _towards = towards;

    public override bool IsTargeted => false;

    internal override Tensor? Named => _towards;

    internal override IReadOnlyList<Tensor> Held => [Classes, _towards];

    public override Tensor IsMet(Tensor logits)
    {
        using var right = Predicted(logits);
        return right.logical_not();
    }

    public override Tensor Margin(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var pair = logits.gather(1, stack([_towards, Classes], 1));   // (N, 2)
        return (pair.select(1, 0) - pair.select(1, 1)).MoveToOuterDisposeScope();
    }

    public override Goal Select(Tensor indices) => new AvoidThrough(Classes.index_select(0, indices), _towards.index_select(0, indices));

    public override string ToString() => "avoid the label through a chosen class";
}
