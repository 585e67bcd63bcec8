using Defenses.Models;

namespace Defenses.Attacks;

/// <summary>A view of a plan: how to look at a classifier, and what that is called.</summary>
/// <param name="Name">Its name.</param>
/// <param name="NeedsRandomness">Whether it is the plain view on a deterministic model.</param>
/// <param name="Of">The view of a classifier for a block of images of some number.</param>
internal sealed record Look(string Name, bool NeedsRandomness, Func<Classifier, long, ModelView> Of)
{
    /// <summary>Whether it has gradients where the model itself has none.</summary>
    internal bool HasSurrogates { get; private init; }

    internal static Look Plain { get; } = new("plain", false, (model, _) => model);

    internal static Look FixedDraw { get; } = new("fixed draw", true, (model, block) => new FixedDraw(model, block));

    internal static Look WithoutRandomness { get; } = new("no randomness", true, (model, _) => new WithoutRandomness(model));

    internal static Look AllPaths { get; } = new("all paths", true, (model, _) => Models.AllPaths.Of(model));

    internal static Look MeanProbabilities { get; } = new("EOT 20 of probabilities", true, (model, _) => new Eot(model, 20) { Average = EotAverage.Probabilities });

    internal static Look Eot20 { get; } = Eot("EOT 20", (model, _) => model, needsRandomness: true);

    internal static Look StraightThrough { get; } = Eot("straight through, EOT 20", (model, _) => new StraightThrough(model)) with { HasSurrogates = true };

    internal static Look Smoothed { get; } = Eot("smoothed jumps, EOT 20", (model, _) => new SmoothedJumps(model)) with { HasSurrogates = true };

    internal static Look Probabilities { get; } = Eot("differentiated probabilities, EOT 20", (model, _) => new DifferentiableProbabilities(model), needsRandomness: true);

    /// <summary>Twenty numbered draws attacked at once.</summary>
    internal static Look TwentyDraws { get; } = new("20 fixed draws", true, (model, block) =>
        new Surrogates([.. Enumerable.Range(0, 20).Select(draw => new FixedDraw(model, unchecked(block * 20 + draw)))]));

    // The mean over twenty draws where the model is random, one look where it is not.
    private static Look Eot(string name, Func<Classifier, long, ModelView> of, bool needsRandomness = false) =>
        new(name, needsRandomness, (model, block) => new Eot(of(model, block), 20));
}
