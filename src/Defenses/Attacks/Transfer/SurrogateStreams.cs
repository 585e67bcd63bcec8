using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>The random streams of the attacker's models, which are used besides the attacked model.</summary>
internal static class SurrogateStreams
{
    private const string SeedName = "SourceModels";   // part of the seeds: another text would change the results

    /// <summary>Checks that the models fit the attacked one, and lends them streams until the result is disposed.</summary>
    /// <param name="run">The run against the attacked model.</param>
    /// <param name="models">The attacker's models.</param>
    /// <param name="seed">The attack's seed.</param>
    /// <param name="exact">Whether the attack is sensitive to rounding.</param>
    /// <exception cref="InvalidOperationException">A model has other bounds or classes, is in training mode, or answers the first image with NaN.</exception>
    internal static IDisposable Lend(AttackRun run, IReadOnlyList<ModelView> models, ulong? seed, bool exact)
    {
        foreach (var model in models)
        {
            model.RequireEvaluation();
            if (model.Bounds != run.Model.Bounds)
                throw new InvalidOperationException(
                    $"The attacker's model has the bounds {model.Bounds}, the attacked one {run.Model.Bounds}. Wrap both networks with the same Bounds.");
            using var first = model.ComputeLogits(run.Original.narrow(0, 0, 1));
            if (first.shape[1] != run.Model.Classes)
                throw new InvalidOperationException(
                    $"The attacker's model has {first.shape[1]} classes, the attacked one {run.Model.Classes}. Use models with the same classes.");
            if (first.isnan().any().ToBoolean())
                throw new InvalidOperationException("The attacker's model gave NaN for the first image. Check its weights and its preprocessing.");
        }

        var lent = models.Select((model, number) => model.LendStreams(
            seed is { } own ? Seeds.Combine(Seeds.Combine(own, SeedName), number) : null, exact && !model.IsRandom)).ToArray();
        return new Undo(() =>
        {
            foreach (var each in Enumerable.Reverse(lent)) each.Dispose();
        });
    }
}
