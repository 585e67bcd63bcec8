using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>What an attack found. Owns its tensors.</summary>
public sealed class AttackResult : IDisposable
{
    /// <summary>Takes ownership of the tensors.</summary>
    public AttackResult(Tensor adversarial, Tensor met, Tensor size, Queries queries) =>
        (Adversarial, Met, Size, Queries) = (adversarial, met, size, queries);

    /// <summary>The adversarial examples, (N, …), within the bounds; for budget attacks within ε. The best point found where the goal was not met.</summary>
    public Tensor Adversarial { get; }

    /// <summary>Whether the goal is met on the attacker's own view, (N,) bool; on a random view, by a majority of fresh draws.</summary>
    /// <remarks>Not a verdict: only a judge's own draws give a success rate.</remarks>
    public Tensor Met { get; }

    /// <summary>The size of each perturbation in the attack's norm, (N,).</summary>
    public Tensor Size { get; }

    /// <summary>The passes through the model that the attack used.</summary>
    public Queries Queries { get; }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Adversarial.Dispose();
        Met.Dispose();
        Size.Dispose();
    }
}
