using System.Globalization;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>A check that asks the model itself: looks at its answers and gradients, or attacks it.</summary>
/// <remarks>It leaves the model as it was: modes, flags, weights and streams. The same subject gives the same findings.</remarks>
public abstract class ModelCheck : Check
{
    /// <summary>All checks of this kind, the cheap ones first.</summary>
    public static IReadOnlyList<ModelCheck> All { get; } =
    [
        new FaultyActivationCheck(), new LogitsCheck(), new HiddenRandomnessCheck(), new RecognitionCheck(), new LayerRunsCheck(), new SwitchedOffCheck(), new ZeroGradientsCheck(),
        new GradientNoiseCheck(), new NoiseAttackCheck(), new MoreStepsCheck(), new MoreRestartsCheck(), new MoreDrawsCheck(), new SquareAttackCheck(),
        new TransferCheck(), new UnlimitedBudgetCheck(), new FixedDrawCheck(), new BinarisationCheck(), new BrokenCertificatesCheck(),
    ];

    /// <summary>Those of them that attack nothing: a few dozen passes each.</summary>
    public static IReadOnlyList<ModelCheck> Cheap { get; } = [.. All.Where(check => check.IsCheap)];

    /// <summary>Whether it attacks nothing and takes a few dozen passes only.</summary>
    public virtual bool IsCheap => true;

    /// <summary>Whether the other checks have no meaning on a model that it finds invalid; it is shown images that the model does not recognise, too.</summary>
    internal virtual bool IsGate => false;

    /// <summary>What the model gives reason to doubt; nothing where it gives none.</summary>
    /// <param name="subject">The model, and what it is asked about.</param>
    /// <exception cref="ArgumentNullException">The subject is null.</exception>
    /// <exception cref="OperationCanceledException">The subject's token was cancelled.</exception>
    public IReadOnlyList<Finding> Probe(CheckSubject subject)
    {
        Require.NotNull(subject, nameof(subject)).Cancellation.ThrowIfCancellationRequested();
        return WhyNot(subject) is null ? [.. Look(subject)] : [];
    }

    /// <summary>Why there is nothing to look at in this subject, as half a sentence: "the model does not draw". Null, as by default, where the check
    /// looks.</summary>
    /// <remarks>A check that would find nothing because it cannot look must say so here: nothing found would be taken for nothing to find.</remarks>
    protected internal virtual string? WhyNot(CheckSubject subject) => null;

    /// <summary>Looks at a model.</summary>
    protected abstract IEnumerable<Finding> Look(CheckSubject subject);

    /// <summary>A finding of this check: how grave, why (written whatever the culture), and what to do.</summary>
    protected Finding Finding(Severity severity, FormattableString reason, string action) => new(severity, Title, reason.ToString(CultureInfo.InvariantCulture), action);
}
