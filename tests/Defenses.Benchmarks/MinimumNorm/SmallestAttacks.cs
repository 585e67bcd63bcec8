using Defenses.Attacks;

namespace Defenses.Benchmarks.MinimumNorm;

/// <summary>The attacks that search small changes, for each norm.</summary>
internal static class SmallestAttacks
{
    /// <summary>The norms by their names.</summary>
    public static IReadOnlyDictionary<string, Norm> Norms { get; } = new Dictionary<string, Norm>
    {
        ["L0"] = Norm.L0, ["L1"] = Norm.L1, ["L2"] = Norm.L2, ["Linf"] = Norm.Linf,
    };

    /// <summary>The attacks of a norm, each with a name that is a part of a file name.</summary>
    public static IEnumerable<(string Name, Attack Attack)> For(Norm norm, int steps)
    {
        if (norm == Norm.L0) yield return ("SigmaZero", new SigmaZero { Steps = steps });
        if (norm == Norm.L1 || norm == Norm.L2) yield return ("Alma", new Alma { Norm = norm, Steps = steps });
        if (norm != Norm.L0) yield return ("Pdpgd", new Pdpgd { Norm = norm, Steps = steps });
        yield return ("Fmn", new Fmn { Norm = norm, Steps = steps });
        if (norm == Norm.L2) yield return ("Ddn", new Ddn { Steps = steps });
        if (norm == Norm.L2) yield return ("SuperDeepFool", new SuperDeepFool());
        if (norm != Norm.L0) yield return ("Smallest Apgd", new Smallest(new Apgd(First(norm)) { Norm = norm, Steps = steps / 10, Loss = Loss.Dlr }));
    }

    private static double First(Norm norm) => norm == Norm.L1 ? 10 : norm == Norm.L2 ? 1 : 0.1;
}
