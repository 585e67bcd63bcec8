using Defenses.Attacks;

namespace Defenses.Papers;

/// <summary>The attacks that search small changes, for each norm.</summary>
public static class SmallestAttacks
{
    /// <summary>The norms by their names.</summary>
    public static IReadOnlyDictionary<string, Norm> Norms { get; } = new Dictionary<string, Norm>
    {
        ["L0"] = Norm.L0, ["L1"] = Norm.L1, ["L2"] = Norm.L2, ["Linf"] = Norm.Linf,
    };

    /// <summary>Every attack of a norm for which such a search is made: today's and those before them.</summary>
    public static IEnumerable<(string Name, Attack Attack)> All(Norm norm, int steps) =>
        [.. For(norm, steps), .. Earlier(norm, steps)];

    /// <summary>Today's attacks of a norm, each with a name that is a part of a file name, and the best of several for each image.</summary>
    public static IEnumerable<(string Name, Attack Attack)> For(Norm norm, int steps)
    {
        if (norm == Norm.L0) yield return ("SigmaZero", new SigmaZero { Steps = steps });
        if (norm == Norm.L1 || norm == Norm.L2) yield return ("Alma", new Alma { Norm = norm, Steps = steps });
        if (norm != Norm.L0) yield return ("Pdpgd", new Pdpgd { Norm = norm, Steps = steps });
        yield return ("Fmn", new Fmn { Norm = norm, Steps = steps });
        if (norm == Norm.L2) yield return ("Ddn", new Ddn { Steps = steps });
        if (norm == Norm.L2) yield return ("SuperDeepFool", new SuperDeepFool { Steps = Part(steps) });
        if (norm != Norm.L0) yield return ("Smallest Apgd", new Smallest(new Apgd(First(norm)) { Norm = norm, Steps = Part(steps), Loss = Loss.Dlr }));
        yield return ("SmallestOf", SmallestOf.Thorough(norm, steps));
    }

    /// <summary>The attacks before them, with about as many passes where their steps can be chosen: a step of FAB costs one pass for each class, a search over
    /// budgets or constants has some ten rounds.</summary>
    public static IEnumerable<(string Name, Attack Attack)> Earlier(Norm norm, int steps)
    {
        if (norm == Norm.L0)
        {
            yield return ("Jsma", new Jsma());
            yield return ("Smallest PgdL0", new Smallest(new PgdL0(10) { Steps = Part(steps), Restarts = 1 }));
            yield return ("Smallest SparseRandomSearch", new Smallest(new SparseRandomSearch(10) { Candidates = steps }));
            yield break;
        }

        yield return ("Fab", new Fab { Norm = norm, Steps = Part(steps) });
        yield return ("Smallest Pgd", new Smallest(new Pgd(First(norm)) { Norm = norm, Steps = Part(steps), Restarts = 1 }));
        if (norm == Norm.L1) yield break;
        yield return ("DeepFool", new DeepFool { Norm = norm, Steps = Math.Min(50, steps) });
        yield return ("TrustRegion", new TrustRegion { Norm = norm, Steps = steps });
        yield return ("CarliniWagner", new CarliniWagner { Norm = norm, Steps = norm == Norm.L2 ? steps : Part(steps) });
    }

    private static int Part(int steps) => Math.Max(1, steps / 10);

    private static double First(Norm norm) => norm == Norm.L1 ? 10 : norm == Norm.L2 ? 1 : 0.1;
}
