using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The result of a run of an attack. Owns its tensors.</summary>
public sealed class AttackResult : IDisposable
{
    /// <summary>Takes ownership of the tensors.</summary>
    public AttackResult(Tensor adversarial, Tensor met, Tensor size, Queries queries, IReadOnlyList<Queries>? queriesPerExample = null) =>
        (Adversarial, Met, Size, Queries, QueriesPerExample) = (adversarial, met, size, queries, queriesPerExample ?? []);

    /// <summary>The adversarial examples, (N, …), within the bounds; for budget attacks within ε. Where the goal is not met, the best point found.</summary>
    public Tensor Adversarial { get; }

    /// <summary>Whether the goal is met on the attacker's view, (N,) bool; on a random view, by a majority of fresh random draws.</summary>
    /// <remarks>This is no verdict: only the judge's own random draws give a success rate.</remarks>
    public Tensor Met { get; }

    /// <summary>The numbers of the examples that the attack could not attempt, ascending: those without a start. Usually empty.</summary>
    /// <remarks>They keep their original image. That they are not met says nothing about the model: give the attack a start
    /// (<see cref="HopSkipJump.Start"/>), or take another attack.</remarks>
    public IReadOnlyList<long> NotAttempted { get; init; } = [];

    /// <summary>The size of each perturbation in the attack's norm, (N,), measured from the images clipped to the bounds.</summary>
    public Tensor Size { get; }

    /// <summary>The elements of gradients that were infinite or NaN, and that views replaced (see <see cref="ModelView.Gradient"/>).</summary>
    /// <remarks>Above 0 the network or its preprocessing has a slope that is no number, such as that of √x at 0.</remarks>
    public long ReplacedGradients { get; init; }

    /// <summary>The number of passes through the model during the run.</summary>
    public Queries Queries { get; }

    /// <summary>The passes of each example; they sum to <see cref="Queries"/>. A finished example uses no more passes.</summary>
    /// <remarks>
    /// The first example has one more forward pass, by which the attack learns the number of classes. Empty where the attack queried some of its examples
    /// without stating which (<see cref="AttackRun.Only"/>).
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

/// <summary>The progress of a run.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
public readonly record struct AttackProgress(long Step, long Steps);
