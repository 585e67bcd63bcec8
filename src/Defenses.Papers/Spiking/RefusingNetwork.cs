using Defenses.Detection;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>MagNet as a network with one class more, "refused": (N, …) → (N, classes + 1).</summary>
/// <remarks>So that a refusal is neither an attacker's success nor a right answer for whoever judges it. It has no gradient.</remarks>
internal sealed class RefusingNetwork : nn.Module<Tensor, Tensor>
{
    private readonly MagNet _defense;

    /// <param name="defense">Stays the caller's.</param>
    internal RefusingNetwork(MagNet defense) : base(nameof(RefusingNetwork))
    {
        _defense = defense;
        eval();
    }

    public override Tensor forward(Tensor input)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var logits = _defense.Model.Logits(input);
        var (highest, lowest) = (logits.amax([1], keepdim: true) + 1, logits.amin([1], keepdim: true) - 1);
        return cat([logits, where(_defense.Detectors.Fires(input).unsqueeze(1), highest, lowest)], 1).MoveToOuterDisposeScope();
    }
}
