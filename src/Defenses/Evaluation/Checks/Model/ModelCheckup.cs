using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Runs checks on one model: does it work as intended, and would the attack in question find adversarial examples that exist?</summary>
/// <remarks>
/// Deterministic from <see cref="Seed"/> where the model's own numbered draws are (call <c>Reseed</c> on its network). First run the checks without which the
/// others mean nothing (activations, logits, countable randomness, recognition). After one of them finds the model invalid, no other check runs. The others
/// are given the images that the model recognizes by majority.
/// </remarks>
public sealed record ModelCheckup
{
    private readonly Func<double, Attack>? _attack;

    /// <summary>Draws of the view that is used for a random model when none is given.</summary>
    public const int UsualEotDraws = 20;

    private const int UsualCandidates = 1000, UsualTries = 100;

    /// <summary>A checkup at the budget ε, above 0, in the units of the model's bounds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">ε is not a finite number above 0.</exception>
    public ModelCheckup(double epsilon)
    {
        Epsilon = Require.Positive(epsilon, nameof(epsilon));
    }

    /// <summary>The budget ε.</summary>
    public double Epsilon { get; }

    /// <summary>The norm of the budget; by default L∞. Checks that know only L2 and L∞ (Square, binarization) do not run in others.</summary>
    public Norm Norm { get; init => field = Require.NotNull(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The attack in question, by its budget; by default PGD with 50 steps of ε/10, or Square or HopSkipJump on a model without gradients.</summary>
    public Func<double, Attack> Attack
    {
        get => _attack ?? (budget => Usual(ModelAnswers.Gradients, budget));
        init => _attack = Require.NotNull(value, nameof(Attack));
    }

    /// <summary>What the attack sees of the model; by default (null) EOT over 20 draws on a random model with gradients, else the model itself.</summary>
    public AttackerView? View { get; init; }

    /// <summary>The checks; by default <see cref="ModelCheck.All"/>.</summary>
    public IReadOnlyList<ModelCheck> Checks { get; init => field = [.. Require.NotNull(value, nameof(Checks))]; } = ModelCheck.All;

    /// <summary>How many images are used, the first ones, at least 1; by default 32. Few images find gross faults only.</summary>
    public int Images { get; init => field = Require.AtLeast(value, 1, nameof(Images)); } = 32;

    /// <summary>The judge's draws of an image, at least 1; by default 20.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 20;

    /// <summary>The seed; by default (null) unpredictable.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Another model, such as the unprotected one, whose adversarial images may fool this one; by default none.</summary>
    public ModelView? Surrogate { get; init; }

    /// <summary>The smoothed classifier around the model, where it is certified; by default none.</summary>
    public RandomizedSmoothing? Smoothing { get; init; }

    /// <summary>Certificates of the images, by their number; by default (null) the check makes its own.</summary>
    public IReadOnlyList<Certificate>? Certificates { get; init; }

    /// <summary>Layers that are meant to run whenever the model answers; stochastic layers of the network need not be named.</summary>
    public IReadOnlyList<nn.Module<Tensor, Tensor>> ExpectedLayers { get; init => field = [.. Require.NotNull(value, nameof(ExpectedLayers))]; } = [];

    /// <summary>Whether the model is meant to be protected (default): then plain dropout that is off in evaluation is worth a note.</summary>
    public bool IsDefense { get; init; } = true;

    /// <summary>Probes a model. Checks that look into a network, or need a gradient, do not run on an oracle, and say so.</summary>
    /// <param name="model">The model as it would be deployed, in evaluation mode: a classifier, an oracle, or any other view.</param>
    /// <param name="examples">Images within its bounds, with labels.</param>
    /// <param name="progress">Reported to before every check.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The findings, in the order of the checks. Empty for a sound model and attack, and also where no check ran: see
    /// <see cref="Diagnose"/>.</returns>
    /// <exception cref="InvalidOperationException">The model is in training mode, or <see cref="Attack"/> needs a gradient and it has none.</exception>
    public IReadOnlyList<Finding> Run(
        ModelView model, LabeledImages examples, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        new CheckupRun(this, progress, cancellation).Examine(model, examples, isMeasured: false).Findings;

    /// <summary>Probes a model and reports how each check ended; where a check attacks, also the accuracy under the attack in question.</summary>
    /// <inheritdoc cref="Run" path="/param"/>
    /// <inheritdoc cref="Run" path="/exception"/>
    public ModelDiagnosis Diagnose(
        ModelView model, LabeledImages examples, IProgress<CheckProgress>? progress = null, CancellationToken cancellation = default) =>
        new CheckupRun(this, progress, cancellation).Examine(model, examples, isMeasured: Checks.Any(check => !check.IsCheap));

    /// <summary>The attack in question on a model that answers so.</summary>
    internal Attack? AttackOn(ModelAnswers answers, double budget) => _attack is null ? Usual(answers, budget) : _attack(budget);

    /// <exception cref="NoGradientException">The attack in question needs a gradient, and the model has none.</exception>
    /// <exception cref="ArgumentException">The view is made for classifiers, and the model is none.</exception>
    internal void RequireAttackable(ModelView model)
    {
        if (model.Answers < ModelAnswers.Gradients && AttackOn(model.Answers, Epsilon)?.Knowledge.FollowsGradients() == true)
            throw new NoGradientException($"The attack in question needs gradients, and the model has none. {model.WithoutGradient}");
        View?.MustTake(model, "the model");
    }

    private Attack Usual(ModelAnswers answers, double budget) => answers switch
    {
        ModelAnswers.Gradients => new Pgd(budget) { Norm = Norm, Steps = 50, Restarts = 1 },
        ModelAnswers.Scores when Norm == Norm.Linf || Norm == Norm.L2 => new Square(budget) { Norm = Norm, Candidates = UsualCandidates },
        ModelAnswers.Decisions when Norm == Norm.Linf || Norm == Norm.L2 => new HopSkipJump { Norm = Norm },
        _ => new Noise(budget) { Norm = Norm, Tries = UsualTries },
    };
}

/// <summary>The result of a checkup: how each check ended, and the model's accuracy without and under the attack in question.</summary>
public sealed record ModelDiagnosis
{
    /// <summary>Every check, in the order of the checkup; at the end, those of <see cref="ModelCheck.All"/> that the checkup left out.</summary>
    public required IReadOnlyList<CheckResult> Checks { get; init; }

    /// <summary>The model's accuracy without an attack; null where a check found that its answers mean nothing.</summary>
    public required DrawRates? Accuracy { get; init; }

    /// <summary>Its accuracy under the attack in question, within the budget. Images that it does not recognize count as wrong. Null without an
    /// attack.</summary>
    public required DrawRates? AttackedAccuracy { get; init; }

    /// <summary>The findings, in the order of the checks.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Whether the figures of the model can be believed. Without an attack <see cref="Trustworthiness.NotAttacked"/> is the best verdict.</summary>
    /// <param name="model">The model's name.</param>
    public DefenseVerdict Verdict(string model)
    {
        var verdict = DefenseVerdict.Of(Require.NotNull(model, nameof(model)), Findings.Select(finding => finding with { Defense = null }));
        return verdict.Trust == Trustworthiness.Trustworthy && AttackedAccuracy is null ? verdict with { Trust = Trustworthiness.NotAttacked } : verdict;
    }
}

/// <summary>How far the probing of a model is.</summary>
/// <param name="Doing">The title of the check that runs.</param>
/// <param name="Done">Checks done.</param>
/// <param name="Total">Checks in all. Those that attack take longest.</param>
public readonly record struct CheckProgress(string Doing, int Done, int Total);
