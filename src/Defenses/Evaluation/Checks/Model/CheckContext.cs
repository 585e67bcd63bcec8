using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>The input of a <see cref="ModelCheck"/>: a model, images, and the attack in question.</summary>
/// <remarks>Made by <see cref="ModelCheckup"/>. Owns nothing: model and images are the caller's.</remarks>
public sealed class CheckContext
{
    private readonly ModelCheckup _checkup;
    private Judgement? _underAttack;

    internal CheckContext(
        ModelCheckup checkup, ModelView model, Tensor images, Tensor labels, int[] numbers, ulong seed, CancellationToken cancellation)
    {
        (_checkup, Model, Images, Labels, Numbers, Seed, Cancellation) = (checkup, model, images, labels, numbers, seed, cancellation);
        Networks = model is Classifier classifier ? [classifier.Network] : [.. model.Networks.Distinct<nn.Module>(ReferenceEqualityComparer.Instance)];
    }

    /// <summary>The model, in evaluation mode.</summary>
    public ModelView Model { get; }

    /// <summary>The model if it is a classifier, with its network; null for an oracle and any other view.</summary>
    public Classifier? Classifier => Model as Classifier;

    /// <summary>Images that the model recognizes by majority, (N, …), N at least 1; for a check that is a gate, all images.</summary>
    public Tensor Images { get; }

    /// <summary>Their classes, (N,), int64.</summary>
    public Tensor Labels { get; }

    /// <summary>The number of each image among the examples, N of them.</summary>
    public IReadOnlyList<int> Numbers { get; }

    /// <summary>The number of images.</summary>
    public int Count => (int)Images.shape[0];

    /// <summary>The seed of all random numbers of the checks.</summary>
    public ulong Seed { get; }

    /// <summary>Stops the check.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>The budget ε.</summary>
    public double Epsilon => _checkup.Epsilon;

    /// <summary>The norm of the budget.</summary>
    public Norm Norm => _checkup.Norm;

    /// <summary>What the attacker sees of the model.</summary>
    public AttackerView View => _checkup.View
        ?? (Model.IsRandom && Model.Answers == ModelAnswers.Gradients ? AttackerView.Eot(ModelCheckup.UsualEotDraws) : AttackerView.Plain);

    /// <summary>The attacker's view; the plain one where it is no more than that on this model.</summary>
    internal AttackerView PlainOrView => View.IsPlainOn(Model) ? AttackerView.Plain : View;

    /// <summary>Another model whose adversarial images may fool this one; null for none.</summary>
    public ModelView? Surrogate => _checkup.Surrogate;

    /// <summary>The smoothed classifier around the model, or null.</summary>
    public RandomizedSmoothing? Smoothing => _checkup.Smoothing;

    /// <summary>Certificates of the images, or null.</summary>
    public IReadOnlyList<Certificate>? Certificates => _checkup.Certificates;

    /// <summary>Layers that are meant to run, registered in the network or not.</summary>
    public IReadOnlyList<nn.Module<Tensor, Tensor>> ExpectedLayers => _checkup.ExpectedLayers;

    /// <summary>Whether the model is meant to be protected.</summary>
    public bool IsDefense => _checkup.IsDefense;

    /// <summary>The largest size that a change of an image can have in the norm of the budget, within the bounds.</summary>
    public double LargestChange
    {
        get
        {
            var (range, elements) = (Model.Bounds.Range, Images.numel() / Count);
            return Norm == Norm.L2 ? range * Math.Sqrt(elements) : Norm == Norm.L1 ? range * elements : Norm == Norm.L0 ? elements : range;
        }
    }

    /// <summary>Which images the attack in question takes from the model, by a majority of the judge's draws. Computed once.</summary>
    public IReadOnlyList<bool> FooledByAttack => ByMajority(UnderAttack);

    /// <summary>What the judge counts on the images under the attack in question.</summary>
    internal Judgement UnderAttack => _underAttack ??= Judge(AttackWith(Epsilon), SeenThrough(View), Model, Images, Labels, Epsilon);

    /// <summary>hash(seed, purpose): a seed for each purpose.</summary>
    public ulong SeedOf(string purpose) => Seeds.Combine(Seed, purpose);

    /// <summary>The attack in question with a budget, seeded.</summary>
    /// <exception cref="InvalidOperationException"><see cref="ModelCheckup.Attack"/> returned null.</exception>
    public Attack AttackWith(double epsilon) => (_checkup.AttackOn(Model.Answers, epsilon)
        ?? throw new InvalidOperationException($"The attack is null for ε = {epsilon}. Let its function make an attack.")) with { Seed = SeedOf("attack") };

    /// <summary>The model as an attacker with this view sees it.</summary>
    public ModelView SeenThrough(AttackerView view) => Require.NotNull(view, nameof(view)).IsPlainOn(Model) ? Model : view.Of(Model);

    /// <summary>Which images an attack takes from the model, by a majority of the judge's draws: the same draws for every attack.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="view">What it attacks: a view of this model, or of another.</param>
    /// <param name="budget">The budget that its images are held to: beyond it, the original is judged. By default (null) <see cref="Epsilon"/>.</param>
    public IReadOnlyList<bool> Fooled(Attack attack, ModelView view, double? budget = null) =>
        Fooled(attack, view, Model, Images, Labels, budget ?? Epsilon);

    /// <summary>The networks behind the model, which checks look into: that of a classifier, those of a view; none of an oracle.</summary>
    internal IReadOnlyList<nn.Module> Networks { get; }

    /// <summary>The output of the model as it is; of a classifier without a check that it holds logits.</summary>
    internal Tensor Answer(Tensor x) => Model is Classifier classifier ? classifier.Answer(x) : Model.ComputeLogits(x);

    /// <summary>Why a check that looks into networks cannot run, as half a sentence; null where there is one.</summary>
    internal string? WithoutNetwork() => Networks.Count > 0 ? null
        : "not applicable: the check looks into the network, and the model " +
            (Model.Answers == ModelAnswers.Gradients ? "shows none" : $"gives only {Model.Answers.Words()}");

    /// <summary>Why a check that needs such answers cannot run, as half a sentence; null where the model gives them.</summary>
    internal string? Without(ModelAnswers answers) => Model.Answers >= answers ? null
        : $"not applicable: the check needs {answers.Words()}, and the model gives only {Model.Answers.Words()}";

    internal IReadOnlyList<bool> Fooled(Attack attack, ModelView view, ModelView model, Tensor images, Tensor labels, double budget) =>
        ByMajority(Judge(attack, view, model, images, labels, budget));

    internal IReadOnlyList<bool> Fooled(ModelView model, Tensor images, Tensor labels) => ByMajority(Judge(model, images, labels));

    internal Judgement Judge(ModelView model, Tensor images, Tensor labels) =>
        new Judge(_checkup.Draws) { Seed = SeedOf("judge") }.Measure(model, images, labels, 0, Cancellation);

    private Judgement Judge(Attack attack, ModelView view, ModelView model, Tensor images, Tensor labels, double budget)
    {
        using var result = Require.NotNull(attack, nameof(attack)).Run(view, images, labels, null, Cancellation);
        using var held = BudgetEnforcement.Enforce(images, result.Adversarial, Norm, budget, model.Bounds).Images;
        return Judge(model, held, labels);
    }

    private static IReadOnlyList<bool> ByMajority(Judgement judgement) => [.. judgement.Met.Select(met => 2 * met > judgement.Draws)];
}
