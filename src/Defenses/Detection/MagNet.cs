using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Detection;

/// <summary>Rejects images that are far from clean ones, and reforms the rest before classification.</summary>
/// <remarks>
/// <para>An attack fails if a detector fires or the reformed image is still recognized. Judge <see cref="Model"/>, which only reforms, separately as well.
/// Source: Meng and Chen 2017, "MagNet: a Two-Pronged Defense against Adversarial Examples".</para>
/// <para>Known break: Carlini and Wagner 2017, "MagNet and 'Efficient Defenses Against Adversarial Attacks' are Not Robust": attack the reformed classifier
/// and keep the detectors' scores low, through separately trained auto-encoders; slightly larger changes suffice.</para>
/// </remarks>
public sealed class MagNet
{
    /// <summary>MagNet around a classifier.</summary>
    /// <param name="model">The original classifier. Not owned.</param>
    /// <param name="reformer">In evaluation mode, for the same bounds. Not owned.</param>
    /// <param name="detectors">Calibrated on clean images, for the same bounds.</param>
    /// <exception cref="ArgumentException">Bounds differ.</exception>
    public MagNet(Classifier model, Reformer reformer, DetectorPanel detectors)
    {
        Require.NotNull(model, nameof(model));
        if (Require.NotNull(reformer, nameof(reformer)).Bounds != model.Bounds) throw Other(nameof(reformer), model.Bounds, reformer.Bounds);
        if (Require.NotNull(detectors, nameof(detectors)).Bounds != model.Bounds) throw Other(nameof(detectors), model.Bounds, detectors.Bounds);
        Detectors = detectors;
        Model = model.Behind(reformer);
    }

    /// <summary>The detectors; an image passes if none fires.</summary>
    public DetectorPanel Detectors { get; }

    /// <summary>The classifier behind the reformer: the target of an attack that is not detected.</summary>
    public Classifier Model { get; }

    /// <summary>The class of each image, or −1 where a detector fires: (N, …) → (N,) int64.</summary>
    /// <param name="images">Within the bounds.</param>
    /// <exception cref="ArgumentException">The images have a wrong shape, dtype or range.</exception>
    /// <exception cref="InvalidOperationException">A network is in training mode.</exception>
    public Tensor Classify(Tensor images)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var fires = Detectors.Fires(images);
        Model.RequireEvaluation();
        return Model.Logits(images).argmax(1).masked_fill(fires, -1).MoveToOuterDisposeScope();
    }

    private static ArgumentException Other(string name, Bounds wanted, Bounds given) =>
        new($"{name} must be for the model's bounds, [{wanted.Lower}, {wanted.Upper}]; it is for [{given.Lower}, {given.Upper}].", name);
}
