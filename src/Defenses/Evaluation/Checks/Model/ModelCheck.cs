using System.Globalization;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>A check that probes a model: it reads the model's answers and gradients, or attacks the model. Its static properties are the catalog.</summary>
/// <remarks>
/// A check restores the model: modes, flags, weights and streams. The same context gives the same findings. Checks that compare the attack in question
/// with another attack do so on the same images and the same draws of the judge. They fire where McNemar's test (one-sided, 2 %) favors the other attack: at
/// least six images against none. Custom checks derive from this class.
/// </remarks>
public abstract class ModelCheck : Check
{
    /// <summary>Finds activation modules that, in the running version of TorchSharp, differ from their formula or have no gradient. Invalid.</summary>
    /// <remarks>
    /// Compares each activation module of torch with its closed form on a grid in [-8, 8], to 0.1 %. In TorchSharp 0.107.0 <c>nn.Hardtanh</c> returns its
    /// input. A module that a hook replaces is skipped. Some modules that work in place have no gradient (<c>nn.Mish(inplace: true)</c>): torch ends the
    /// process when an attack requests one.
    /// </remarks>
    public static ModelCheck FaultyActivation { get; } = new FaultyActivationCheck();

    /// <summary>Finds a model that gives probabilities. Attacks need logits.</summary>
    /// <remarks>
    /// Invalid where no answer is negative and all answers have the same sum (to 0.1 %): a softmax, scaled or not. A warning where at least eight answers all
    /// lie in [0, 1]: logits behind a sigmoid, whose gradients vanish. Logarithms of probabilities are as good as logits.
    /// </remarks>
    public static ModelCheck Logits { get; } = new LogitsCheck();

    /// <summary>Finds a model that draws random numbers outside its stochastic layers: such draws cannot be counted, replayed or averaged. Invalid.</summary>
    /// <remarks>Runs the model twice with the same streams in all stochastic layers. The two answers must agree to 0.1 %.</remarks>
    public static ModelCheck HiddenRandomness { get; } = new HiddenRandomnessCheck();

    /// <summary>Finds a model that recognizes its images no more often than a guess would. Invalid.</summary>
    /// <remarks>
    /// Fires where no image is recognized by majority, or where, of at least eight images, a guess could recognize as many: the lower end of the 95 % interval
    /// is at most 1 / classes.
    /// </remarks>
    public static ModelCheck Recognition { get; } = new RecognitionCheck();

    /// <summary>Finds a layer of the model, or an expected layer, that never runs when the model answers. Invalid.</summary>
    /// <remarks>
    /// Counts the forward passes of every stochastic layer, of every layer of <c>Defenses.Layers</c>, and of <see cref="ModelCheckup.ExpectedLayers"/>. A
    /// random model answers 200 times or more, so that every path is drawn. Of layers that are not stochastic, only passes through <c>call</c> are counted.
    /// </remarks>
    public static ModelCheck LayerRuns { get; } = new LayerRunsCheck();

    /// <summary>Finds a defense that acts in training mode and is off after <c>eval()</c>: the deployed model is unprotected.</summary>
    /// <remarks>
    /// A warning for a stochastic layer whose <see cref="Randomness.StochasticLayer.ActiveIn"/> leaves evaluation out, and for a custom module that changes
    /// the answers when it alone is in training mode: at random, or, without weights and buffers, at all. A note for plain dropout, where the model is meant
    /// to be protected and nothing else protects it. Source: Carlini et al. 2019, section 3 (evaluate the deployed system).
    /// </remarks>
    public static ModelCheck SwitchedOff { get; } = new SwitchedOffCheck();

    /// <summary>Finds images on which the attacker's gradient is zero in every element: there a gradient attack makes no step. A warning.</summary>
    /// <remarks>
    /// Computes the gradients of the margin and of cross-entropy through the attacker's view. Fires where more than a tenth of the images have none. A zero of
    /// cross-entropy alone (very confident answers round it to zero) counts only for attacks on cross-entropy. Not run for attacks without gradients.
    /// Source: Carlini et al. 2019, section 4.2; Athalye et al. 2018 ("shattered" and "vanishing gradients").
    /// </remarks>
    public static ModelCheck ZeroGradients { get; } = new ZeroGradientsCheck();

    /// <summary>Finds gradients with more noise than signal at the attacker's number of draws. A warning.</summary>
    /// <remarks>
    /// From 16 gradients of the margin at each of up to 16 images it estimates the power of the true gradient over that of the error of the attacker's mean
    /// (<see cref="Models.GradientSignal.PerExample"/>, squared). The cosine between the two gradients is then about √(ratio / (1 + ratio)). Fires where the
    /// median ratio is below 0.1, a cosine of about 0.3. Not run on deterministic models and views.
    /// </remarks>
    public static ModelCheck GradientNoise { get; } = new GradientNoiseCheck();

    /// <summary>Finds that random noise of size ε fools more images than the attack in question. Invalid.</summary>
    /// <remarks>
    /// Each image keeps the best of 20 uniform perturbations and of 20 at the corners or on the sphere of the budget.
    /// Source: Carlini et al. 2019, section 5 ("random noise").
    /// </remarks>
    public static ModelCheck NoiseAttack { get; } = new NoiseAttackCheck();

    /// <summary>Finds that twice the steps, ten at least, fool more images: the attack in question has not converged. A warning.</summary>
    /// <remarks>Source: Carlini et al. 2019, section 4.2 ("doubling the number of iterations").</remarks>
    public static ModelCheck MoreSteps { get; } = MoreEffortCheck.Steps;

    /// <summary>Finds that four times the restarts fool more images: the starting point decides where the attack in question ends. A warning.</summary>
    /// <remarks>Source: Carlini et al. 2019, section 4.2 ("multiple random restarts").</remarks>
    public static ModelCheck MoreRestarts { get; } = MoreEffortCheck.Restarts;

    /// <summary>Finds that four times the draws behind a gradient (20, for an attacker of single draws) fool more images. A warning.</summary>
    /// <remarks>
    /// Not run on deterministic models and views. If the attack itself averages, its own draws are raised; otherwise those of the view.
    /// Source: Athalye et al. 2018, section 4.2.
    /// </remarks>
    public static ModelCheck MoreDraws { get; } = new MoreDrawsCheck();

    /// <summary>Finds that Square, which uses no gradient, fools more images than the attack in question: a sign of masked gradients. A warning.</summary>
    /// <remarks>Square tries 500 candidates, in L2 and L∞ only. Source: Athalye et al. 2018, section 3.1; Carlini et al. 2019, section 4.3.</remarks>
    public static ModelCheck SquareAttack { get; } = new SquareAttackCheck();

    /// <summary>Finds that attacking another model fools this model on more images than attacking it directly. A warning.</summary>
    /// <remarks>
    /// Runs the attack in question on <see cref="ModelCheckup.Surrogate"/>, usually the unprotected model; not run without one.
    /// Source: Carlini et al. 2019, section 4.3 ("transferability attacks").
    /// </remarks>
    public static ModelCheck Transfer { get; } = new TransferCheck();

    /// <summary>Finds that the attack in question fails on some images although it may turn each into any other. Invalid.</summary>
    /// <remarks>
    /// Gives the attack the whole range of the input as its budget, and a step size that follows it. Fires where fewer than 95 % are fooled.
    /// Source: Carlini et al. 2019, section 4.3 ("verify that with unbounded distortion the attack reaches 100 %").
    /// </remarks>
    public static ModelCheck UnlimitedBudget { get; } = new UnlimitedBudgetCheck();

    /// <summary>Finds that the attack in question fails on a random model even where the draw is known and fixed: the attack is at fault.</summary>
    /// <remarks>
    /// Attacks draw 0 and judges on draw 0. Invalid where an unlimited budget fools fewer than 95 %; a warning where ε fools fewer images than on fresh draws
    /// (McNemar, one-sided, 2 %). Not run on deterministic models. Source: Carlini et al. 2019 ("verify that attacks succeed if randomness is fixed").
    /// </remarks>
    public static ModelCheck FixedDraw { get; } = new FixedDrawCheck();

    /// <summary>Finds that the attack in question misses adversarial examples that exist by construction: the binarization test.</summary>
    /// <remarks>
    /// For up to 12 images the last linear layer is replaced by one that separates points inside the budget from one on its border, in L2 and L∞ only. A
    /// warning where the attack misses at least two of at least five, and more than a tenth; invalid where it misses more than half; a note where fewer than
    /// five could be built. Source: Zimmermann et al. 2022, "Increasing Confidence in Adversarial Robustness Evaluations".
    /// </remarks>
    public static ModelCheck Binarization { get; } = new BinarizationCheck();

    /// <summary>Finds a certificate that an attack breaks: the claim is false. Invalid.</summary>
    /// <remarks>
    /// Attacks the classifier of <see cref="ModelCheckup.Smoothing"/> just within the largest, the middle and the smallest certified radius, by PGD in L2 on
    /// gradients averaged over noise; up to 16 of <see cref="ModelCheckup.Certificates"/>, the largest first, or 8 made for the purpose. A whole set is
    /// accused falsely at most once in 1000. Source: Cohen et al. 2019, theorem 1: the answer is the same everywhere within the radius.
    /// </remarks>
    public static ModelCheck BrokenCertificates { get; } = new BrokenCertificatesCheck();

    /// <summary>All named checks, the cheap ones first.</summary>
    public static IReadOnlyList<ModelCheck> All { get; } =
    [
        FaultyActivation, Logits, HiddenRandomness, Recognition, LayerRuns, SwitchedOff, ZeroGradients, GradientNoise, NoiseAttack, MoreSteps, MoreRestarts,
        MoreDraws, SquareAttack, Transfer, UnlimitedBudget, FixedDraw, Binarization, BrokenCertificates,
    ];

    /// <summary>The named checks that attack nothing: a few dozen forward passes each.</summary>
    public static IReadOnlyList<ModelCheck> Cheap { get; } = [.. All.Where(check => check.IsCheap)];

    /// <summary>The name under which a report notes the check (<see cref="ReportSettings.Checks"/>); by default the name of its type.</summary>
    /// <remarks>Work in a folder is continued only with checks of the same names. Override it where instances of one type differ.</remarks>
    public virtual string Name => GetType().Name;

    /// <summary>Whether the check attacks nothing and needs a few dozen forward passes only; by default true.</summary>
    public virtual bool IsCheap => true;

    /// <summary>Whether no other check has a meaning on a model that this one finds invalid; by default false.</summary>
    /// <remarks>Such a check runs first, and on all images, also those that the model does not recognize.</remarks>
    protected internal virtual bool IsGate => false;

    /// <summary>The reasons to doubt that the model gives; empty where it gives none, and where the check cannot run.</summary>
    /// <param name="context">The model, the images and the attack in question.</param>
    /// <exception cref="ArgumentNullException">The context is null.</exception>
    /// <exception cref="OperationCanceledException">The context's token was cancelled.</exception>
    public IReadOnlyList<Finding> Probe(CheckContext context)
    {
        Require.NotNull(context, nameof(context)).Cancellation.ThrowIfCancellationRequested();
        return WhyNot(context) is null ? [.. ProbeCore(context)] : [];
    }

    /// <summary>Why the check cannot run here, as half a sentence: "the model does not draw". Null, as by default, where it runs.</summary>
    /// <remarks>A check that cannot find anything here must say so. Otherwise "nothing found" would be read as "nothing is wrong".</remarks>
    protected internal virtual string? WhyNot(CheckContext context) => null;

    /// <summary>Probes a model. Runs only where <see cref="WhyNot"/> is null.</summary>
    protected abstract IEnumerable<Finding> ProbeCore(CheckContext context);

    /// <summary>A finding of this check: how serious, why (numbers are written in the invariant culture), and what to do.</summary>
    protected Finding Finding(Severity severity, FormattableString reason, string action) =>
        new(severity, Title, reason.ToString(CultureInfo.InvariantCulture), action);
}
