using Defenses.Attacks;
using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>What the numbers say, and why to read them with care.</summary>
internal sealed class OptimalityFindings(OptimalityResults results)
{
    private const double Enough = 0.98;
    private const int SlowSteps = 500;

    internal IEnumerable<Finding> All() => [.. Models(), .. Images(), .. Steps(), .. Unbroken(), .. Others(), .. Missed()];

    private IEnumerable<Finding> Models() => results.Models.Where(model => model.Recognized.Rate < 0.7).Select(model => new Finding(
        TrainedWell.Fails(model.Recognized) ? Severity.Invalid : Severity.Warning, "The model recognizes few of the images",
        $"{model.Recognized} of the attacked images are recognized: for the others no change is needed.",
        $"{TrainedWell.Advice} Or check how the model is fed.", model.Name));

    private IEnumerable<Finding> Images()
    {
        if (results.Effort.Images < 100)
            yield return new(Severity.Warning, "Few images", $"{TextFormat.Counted(results.Effort.Images, "image was", "images were")} attacked: intervals are "
                + "wide, and attacks within each other's intervals may change places.", "Take more (--images).");
    }

    private IEnumerable<Finding> Steps()
    {
        if (results.Effort.Steps[^1] < SlowSteps)
            yield return new(Severity.Warning, "Few steps",
                $"The attacks have {TextFormat.Counted(results.Effort.Steps[^1], "step", "steps")}. Those that approach slowly, such as "
                    + $"PDPGD and C&W, need {SlowSteps} and more: their places here say little.", "Take more steps (--steps, or --preset paper).");
    }

    // However strong a model is, some change of unlimited size turns its answer, unless it gives the same answer to everything.
    private IEnumerable<Finding> Unbroken()
    {
        foreach (var model in results.Models)
        {
            var norms = results.Norms.Where(norm => norm.Broken(model.Name) == 0 && norm.Envelopes[model.Name].Any(size => size > 0)).ToArray();
            if (norms.Length > 0)
                yield return new(Severity.Warning, $"No attack finds a change in {string.Join(", ", norms.Select(norm => OptimalityPage.Symbol(norm.Name)))}",
                    "No image that the model recognizes was broken: the model gives the same answer to everything, or something hides its gradient.",
                    "Look at its answers, and for what hides the gradient (defenses doctor).", model.Name);
        }
    }

    private IEnumerable<Finding> Others()
    {
        var ours = results.Norms.Where(norm => norm.HasReferences).Select(norm => (norm.Name, norm.Ours.Global)).Where(norm => norm.Global is not null)
            .ToArray();
        if (ours.Length == 0) yield break;
        yield return new(ours.Any(norm => norm.Global < Enough) ? Severity.Warning : Severity.Note, "Others' changes",
            "All attacks here together have of the envelope with those of others: "
                + string.Join(", ", ours.Select(norm => FormattableString.Invariant($"{norm.Global:0.000} in {OptimalityPage.Symbol(norm.Name)}"))) + ".",
            "A number below 1 says that others found smaller changes of some images: take more steps.");
    }

    private IEnumerable<Finding> Missed()
    {
        var missed = results.Norms.Select(norm => (norm.Name, norm.Best.Attack, Images: norm.Missed(norm.Best))).Where(norm => norm.Images.Count > 0).ToArray();
        if (missed.Length == 0) yield break;
        yield return new(Severity.Note, "One attack is not enough",
            $"The nearest attack of a norm is more than {100 * NormOptimality.Far:0} % above the envelope on some images: "
                + string.Join(", ", missed.Select(norm => $"{norm.Attack} on {norm.Images.Count} of {norm.Images.Of} in {OptimalityPage.Symbol(norm.Name)}"))
                + ".",
            missed.Any(norm => norm.Attack.StartsWith(nameof(SmallestOf), StringComparison.Ordinal)) ? "Take more steps, or more attacks in SmallestOf."
                : "Take the smallest change of several attacks (SmallestOf).");
    }
}
