using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Probes one model: does it do what its owner believes, and would the attack in question find what is there?</summary>
/// <remarks>
/// Deterministic from <see cref="Seed"/> where the model's own numbered draws are (call <c>Reseed</c> on its network). First the checks without which the others mean nothing (logits, countable randomness,
/// images recognised); after one that finds the model invalid, no other is run. The others see the images that the model recognises by majority.
/// </remarks>
public sealed record ModelCheckup
{
    /// <summary>Draws of the view that is taken for a random model when none is given.</summary>
    public const int UsualEotDraws = 20;

    /// <summary>A checkup at the budget ε, above 0, in the units of the model's bounds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ε is not a finite number above 0.</exception>
    public ModelCheckup(double epsilon)
    {
        Epsilon = Require.Positive(epsilon, nameof(epsilon));
        Attack = budget => new Pgd(budget) { Norm = Norm, Steps = 50, Restarts = 1 };
    }

    /// <summary>The budget ε.</summary>
    public double Epsilon { get; }

    /// <summary>The norm of the budget; by default L∞. Checks that know only L2 and L∞ (Square, binarisation) look for nothing in others.</summary>
    public Norm Norm { get; init => field = Require.NotNull(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The attack in question, by its budget; by default PGD with 50 steps of ε/10.</summary>
    public Func<double, Attack> Attack { get; init => field = Require.NotNull(value, nameof(Attack)); }

    /// <summary>What it sees of the model; by default (null) EOT over 20 draws on a random model and the plain model otherwise.</summary>
    public AttackerView? View { get; init; }

    /// <summary>The checks; by default all.</summary>
    public IReadOnlyList<ModelCheck> Checks { get; init => field = [.. Require.NotNull(value, nameof(Checks))]; } = ModelCheck.All;

    /// <summary>How many images are looked at, the first ones, at least 1; by default 32. Few images find gross faults only.</summary>
    public int Images { get; init => field = Require.AtLeast(value, 1, nameof(Images)); } = 32;

    /// <summary>The judge's draws of an image, at least 1; by default 20.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 20;

    /// <summary>The seed; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Another model, such as the unprotected one, whose adversarial images may fool this one; by default none.</summary>
    public Classifier? Surrogate { get; init; }

    /// <summary>The smoothed classifier around the model, where it is certified; by default none.</summary>
    public RandomizedSmoothing? Smoothing { get; init; }

    /// <summary>Certificates of the images, by their number; by default (null) the check makes its own.</summary>
    public IReadOnlyList<Certificate>? Certificates { get; init; }

    /// <summary>Layers that are meant to run whenever the model answers; stochastic layers of the network need not be named.</summary>
    public IReadOnlyList<nn.Module<Tensor, Tensor>> ExpectedLayers { get; init => field = [.. Require.NotNull(value, nameof(ExpectedLayers))]; } = [];

    /// <summary>Whether the model is meant to be protected (default), so that plain dropout that rests in evaluation is worth a note.</summary>
    public bool IsDefense { get; init; } = true;

    /// <summary>Probes a model.</summary>
    /// <param name="model">The model as it would be deployed, in evaluation mode.</param>
    /// <param name="examples">Images within its bounds, with labels.</param>
    /// <param name="progress">Told before every check.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What was found, in the order of the checks; empty for a model and an attack that are sound, and where nothing was looked for: see <see
    /// cref="Diagnose"/>.</returns>
    /// <exception cref="InvalidOperationException">The model is in training mode.</exception>
    public IReadOnlyList<Finding> Run(
        Classifier model, Examples examples, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        new CheckupRun(this, progress, cancellation).Examine(model, examples, isMeasured: false).Findings;

    /// <summary>Probes a model, and says of each check how it ended; where a check attacks, also how often the model is right under the attack in
    /// question.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <inheritdoc cref="Run" path="/exception"/>
    public ModelDiagnosis Diagnose(
        Classifier model, Examples examples, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        new CheckupRun(this, progress, cancellation).Examine(model, examples, isMeasured: Checks.Any(check => !check.IsCheap));
}
