using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>The Pareto frontier of defenses: those for which no other defense is better in accuracy, robustness or
/// latency and worse in none of them.</summary>
public static class ParetoFrontier
{
    /// <summary>By measured values, without their intervals: the usual plot, in which random differences count.</summary>
    /// <param name="defenses">At least one; all with a latency, or none.</param>
    /// <returns>One point for each defense, in the given order.</returns>
    /// <exception cref="ArgumentException">There are no defenses, one is invalid, or only some have a latency.</exception>
    public static IReadOnlyList<FrontierPoint> ByValue(IReadOnlyList<TradeOff> defenses) =>
        Find(defenses, estimate => estimate.Value, estimate => estimate.Value);

    /// <summary>
    /// By intervals: a defense is dominated only if another is better in one number and worse in none, with the other's numbers at the worse
    /// ends of their intervals and its own at the better ends. Uncertain cases stay on the frontier.
    /// </summary>
    /// <inheritdoc cref="ByValue"/>
    public static IReadOnlyList<FrontierPoint> ByInterval(IReadOnlyList<TradeOff> defenses) =>
        Find(defenses, estimate => estimate.Lower, estimate => estimate.Upper);

    // worst and best give the ends of numbers for which larger is better.
    private static IReadOnlyList<FrontierPoint> Find(IReadOnlyList<TradeOff> defenses, Func<Estimate, double> worst, Func<Estimate, double> best)
    {
        foreach (var defense in Require.NotEmpty(defenses, nameof(defenses)))
            if (defense is not { Name: not null, Accuracy: not null, Robustness: not null } || Numbers(defense).Any(number => double.IsNaN(number.Value)))
                throw new ArgumentException($"defenses must have names and numbers; one is {defense}.", nameof(defenses));
        if (defenses.Any(defense => defense.Latency is null) && defenses.Any(defense => defense.Latency is not null))
            throw new ArgumentException("defenses must all have a latency, or none of them; only some have one.", nameof(defenses));
        return [.. defenses.Select(defense => new FrontierPoint(
            defense, defenses.FirstOrDefault(other =>
                other != defense && Dominates([.. Numbers(other).Select(worst)], [.. Numbers(defense).Select(best)]))?.Name))];
    }

    private static bool Dominates(double[] other, double[] own) =>
        other.Zip(own).All(pair => pair.First >= pair.Second) && other.Zip(own).Any(pair => pair.First > pair.Second);

    private static Estimate[] Numbers(TradeOff defense) => defense.Latency is { } latency
        ? [defense.Accuracy, defense.Robustness, new Estimate(-latency.Value, -latency.Upper, -latency.Lower)]
        : [defense.Accuracy, defense.Robustness];
}

/// <summary>A defense, and whether another one dominates it.</summary>
/// <param name="Defense">The defense.</param>
/// <param name="DominatedBy">The first other defense that is better in one number and worse in none; null on the frontier.</param>
public sealed record FrontierPoint(TradeOff Defense, string? DominatedBy)
{
    /// <summary>Whether no other defense dominates it.</summary>
    public bool IsOnFrontier => DominatedBy is null;
}
