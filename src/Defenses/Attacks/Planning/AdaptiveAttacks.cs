using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Plans the attacks that suit the layers of a model, so that a good evaluation needs no knowledge of the literature.</summary>
/// <remarks>
/// A plan holds the attacks that every model must withstand (strong gradient attacks, a black box, decisions only, noise); the attacks on randomness (means
/// over draws, a fixed draw, no randomness at all); and for each known layer, transform, switching network or kind of decision the attacks that are known to
/// break it. Sources: Carlini et al. 2019 (the list that every evaluation should follow), Athalye et al. 2018, Tramèr et al. 2020, and the paper of each row.
/// </remarks>
public static class AdaptiveAttacks
{
    /// <summary>The attacks to run against a model.</summary>
    /// <param name="model">The model as it would be deployed: a classifier, an oracle, or any other view. Only its layers are read; the model is not run. An
    /// oracle gets attacks that need no gradient; the surrogates, which may have gradients, are attacked in its place, too.</param>
    /// <param name="norm">The norm of the budget: L2 or (default) L∞.</param>
    /// <param name="surrogates">The attacker's models, trained independently, to transfer from: none by default, eight or more are best.</param>
    /// <param name="detectors">Detectors in front of the model, none by default.</param>
    /// <exception cref="ArgumentException">The norm is neither L2 nor L∞.</exception>
    public static AttackPlan For(
        ModelView model, Norm? norm = null, IReadOnlyList<ModelView>? surrogates = null, IReadOnlyList<DetectorLimit>? detectors = null)
    {
        Require.NotNull(model, nameof(model));
        var size = Norm.L2OrLinf(norm ?? Norm.Linf, nameof(norm));
        var modules = Networks(model).SelectMany(network => network.modules().Prepend(network)).Distinct().ToArray();
        var rows = AdaptiveRows.All.Where(row => modules.Any(row.Applies)).ToArray();
        var unknown = modules
            .Where(layer => layer is StochasticLayer or ISurrogateGradient && IsForeign(layer) && !AdaptiveRows.HasRow(layer.GetType()))
            .Select(layer => (layer.GetType().Name, Kind: layer is StochasticLayer ? "a custom random layer" : "a custom layer with a surrogate gradient"))
            .Distinct();
        var attacks = AdaptiveRows.ForEveryModel(size, model.IsRandom).Concat(AdaptiveRows.ForBlackBoxes(size, model.Answers))
            .Concat(rows.SelectMany(row => row.Attacks(size, row.Why(modules)))
                .Where(attack => attack.View != AttackerView.AllPaths || model is Classifier { Network: SwitchingNetwork }))
            .Concat(unknown.SelectMany(layer => AdaptiveRows.ForUnknownLayer(size, $"{layer.Name}: {layer.Kind}")))
            .Concat(AdaptiveRows.ForSurrogates(size, surrogates ?? []))
            .ToList();
        if (detectors is { Count: > 0 }) attacks.AddRange(AdaptiveRows.ForDetectors(size, model.IsRandom, detectors, model.Answers));
        attacks.RemoveAll(attack => !attack.View.CanBeMadeOf(model) || !attack.NeedsNoMoreThan(model.Answers));
        if (modules.Any(module => module is IAggregatedDecision and ISurrogateGradient)) attacks.RemoveAll(attack => !attack.WorksWithoutModelGradients);
        return new AttackPlan(attacks, Notes(model, modules, surrogates is { Count: > 0 }, detectors is { Count: > 0 }));
    }

    // A classifier's own network, without what stands in front of it: views change this one.
    private static IEnumerable<nn.Module> Networks(ModelView model) => model is Classifier classifier ? [classifier.Network] : model.Networks;

    private static bool IsForeign(nn.Module module) => module.GetType().Assembly != typeof(AdaptiveAttacks).Assembly;

    // Custom functions without weights and parts, of which nothing is known. Nothing is run, so nothing tells whether they jump.
    private static string[] UnknownFunctions(nn.Module[] modules) =>
    [
        .. modules.Where(module => IsForeign(module) && module.GetType().Assembly != typeof(nn.Module).Assembly
            && module is not (StochasticLayer or ISurrogateGradient) && !module.parameters().Any() && !module.children().Any())
            .Select(module => module.GetType().Name).Distinct(),
    ];

    private static IEnumerable<string> Notes(ModelView model, nn.Module[] modules, bool hasSurrogates, bool hasDetectors)
    {
        yield return "Double the steps as long as success rises. Raise ε until every image is fooled: if an image is not, an attack is broken.";
        if (model.IsRandom)
            yield return "Judge on at least 100 fresh draws. Double the draws of a gradient as long as success rises; " +
                "Eot.Signal measures how clear gradients are.";
        if (!hasSurrogates)
            yield return "Transfer is missing: train models like this one, without the defense and with it, and give them as surrogates.";
        if (model.Answers < ModelAnswers.Gradients)
            yield return $"The model gives only {model.Answers.Words()}: the plan has no attack that needs more, so it is an upper bound of the robustness. " +
                "With the network itself, as a Classifier, attacks are much stronger.";
        if (modules.Any(module => module is SwitchingBlock) && model is not Classifier { Network: SwitchingNetwork })
            yield return "The paths cannot be enumerated, because the switching network is not the classifier's network itself: " +
                "give the part before it as preprocessing.";
        if (UnknownFunctions(modules) is { Length: > 0 } functions)
            yield return $"Nothing is known of {string.Join(", ", functions)}. If one jumps (k winners, top-k, rounded activations), gradients through it " +
                "say little: implement ISurrogateGradient with a smoother backward pass, and rely on attacks without gradients.";
        if (modules.OfType<IAggregatedDecision>().FirstOrDefault() is { } decision)
            yield return $"One answer combines {decision.Draws} forward passes: attack the answer, as planned, and the network behind it too.";
        if (modules.Any(module => module is IAggregatedDecision and ISurrogateGradient))
            yield return "Votes have no gradient: the plan has only attacks without gradients, and attacks on views that replace the votes. " +
                "Votes of points around the input have a known break, too: " +
                "OptMargin on the network behind them, with the region's radius/√3 as magnitude, judged on this model (He, Li and Song 2018).";
        if (hasDetectors)
            yield return "Report the detectors' AUC and their detection rate at 1 % and 5 % false alarms, on examples that were made to evade them.";
    }
}
