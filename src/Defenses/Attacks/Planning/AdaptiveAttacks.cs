using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Plans the attacks that a model's own layers call for, so that nobody has to know the literature to attack their own model well.</summary>
/// <remarks>
/// A plan holds what every model must stand (strong gradient attacks, a black box, decisions only, noise), what chance calls for (means over draws, a fixed
/// draw, no chance at all), and for each known layer, transform, switching network or way of deciding what is known to break it. Sources: Carlini et al.
/// 2019 (the list that every evaluation owes), Athalye et al. 2018, Tramèr et al. 2020, and the paper of each row.
/// </remarks>
public static class AdaptiveAttacks
{
    /// <summary>The attacks to run against a model.</summary>
    /// <param name="model">The model as it would be deployed. It is looked at, not run.</param>
    /// <param name="norm">The norm of the budget: L2 or (default) L∞.</param>
    /// <param name="surrogates">Models of the attacker's own, trained independently, to transfer from: none by default, eight or more are best.</param>
    /// <param name="detectors">Detectors in front of the model, none by default.</param>
    /// <exception cref="ArgumentException">The norm is another one.</exception>
    public static AttackPlan For(
        Classifier model, Norm? norm = null, IReadOnlyList<ModelView>? surrogates = null, IReadOnlyList<DetectorLimit>? detectors = null)
    {
        Require.NotNull(model, nameof(model));
        var size = Norm.L2OrLinf(norm ?? Norm.Linf, nameof(norm));
        var modules = model.Network.modules().Prepend(model.Network).Distinct().ToArray();
        var rows = AdaptiveRows.All.Where(row => modules.Any(row.Applies)).ToArray();
        var strangers = modules.OfType<StochasticLayer>().Where(layer => !AdaptiveRows.HasRow(layer.GetType())).Select(layer => layer.GetType().Name).Distinct();
        var attacks = AdaptiveRows.ForEveryModel(size, model.IsRandom)
            .Concat(rows.SelectMany(row => row.Attacks(size, row.Why(modules)))
                .Where(attack => attack.View != AttackerView.AllPaths || model.Network is SwitchingNetwork))
            .Concat(strangers.SelectMany(name => AdaptiveRows.ForUnknownLayer(size, $"{name}: a random layer of your own")))
            .Concat(AdaptiveRows.ForSurrogates(size, surrogates ?? []))
            .ToList();
        if (detectors is { Count: > 0 }) attacks.AddRange(AdaptiveRows.ForDetectors(size, model.IsRandom, detectors));
        if (modules.Any(module => module is IAggregatedDecision and ISurrogateGradient)) attacks.RemoveAll(attack => !attack.WorksWithoutModelGradients);
        return new AttackPlan(attacks, Notes(model, modules, surrogates is { Count: > 0 }, detectors is { Count: > 0 }));
    }

    private static IEnumerable<string> Notes(Classifier model, nn.Module[] modules, bool hasSurrogates, bool hasDetectors)
    {
        yield return "Double the steps: if success rises, go on. Raise ε until everything fails: if something does not, an attack is broken.";
        if (model.IsRandom)
            yield return "Judge on at least 100 fresh draws. Double the draws behind a gradient while success rises; Eot.Signal says how clear gradients are.";
        if (!hasSurrogates)
            yield return "Transfer is missing: train models like this one, without the defense and with it, and give them as surrogates.";
        if (modules.Any(module => module is SwitchingBlock) && model.Network is not SwitchingNetwork)
            yield return "The paths cannot be enumerated, as the switching network is not the classifier's network itself: " +
                "give what stands before it as preprocessing.";
        if (modules.OfType<IAggregatedDecision>().FirstOrDefault() is { } decision)
            yield return $"One answer is made of {decision.Draws} looks: attack the answer, as planned, and the network behind it too.";
        if (modules.Any(module => module is IAggregatedDecision and ISurrogateGradient))
            yield return "Votes have no gradient: only attacks that ask questions, or that see through the votes, are in the plan. " +
                "Votes of points around the input have a known break, too: " +
                "OptMargin on the network behind them, with the region's radius/√3 as magnitude, judged here (He, Li and Song 2018).";
        if (hasDetectors)
            yield return "Report the detectors' AUC and their detection rate at 1 % and 5 % false alarms, on examples that were made to stay unseen.";
    }
}
