using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>What an attack found. Owns its tensors.</summary>
public sealed class AttackResult : IDisposable
{
    /// <summary>Takes ownership of the tensors.</summary>
    public AttackResult(Tensor adversarial, Tensor met, Tensor size, Queries queries, IReadOnlyList<Queries>? queriesPerExample = null) =>
        (Adversarial, Met, Size, Queries, QueriesPerExample) = (adversarial, met, size, queries, queriesPerExample ?? []);

    /// <summary>The adversarial examples, (N, …), within the bounds; for budget attacks within ε. The best point found where the goal was not met.</summary>
    public Tensor Adversarial { get; }

    /// <summary>Whether the goal is met on the attacker's own view, (N,) bool; on a random view, by a majority of fresh draws.</summary>
    /// <remarks>Not a verdict: only a judge's own draws give a success rate.</remarks>
    public Tensor Met { get; }

    /// <summary>The size of each perturbation in the attack's norm, (N,).</summary>
    public Tensor Size { get; }

    /// <summary>The passes through the model that the attack used.</summary>
    public Queries Queries { get; }

    /// <summary>The same for each example; they sum to <see cref="Queries"/>. One that left the batch early spent no more from then on.</summary>
    /// <remarks>
    /// The first example has one more forward pass: the look from which the attack learns how many classes there are. Empty where the attack looked at some of
    /// its examples and did not say at which (<see cref="AttackRun.Only"/>): then nobody knows.
    /// </remarks>
    public IReadOnlyList<Queries> QueriesPerExample { get; }

    /// <summary>Disposes the tensors.</summary>
    public void Dispose()
    {
        Adversarial.Dispose();
        Met.Dispose();
        Size.Dispose();
    }
}

/// <summary>How far an attack is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
public readonly record struct AttackProgress(long Step, long Steps);
