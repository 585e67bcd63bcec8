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

    /// <summary>Variants for experiments.</summary>
    public static IEnumerable<(string Name, Attack Attack)> Variants(Norm norm, int steps)
    {
        if (norm == Norm.L0)
        {
            yield return ("x SigmaZero+Fmn", new SmallestOf(new SigmaZero { Steps = steps }, new Fmn { Norm = norm, Steps = steps }));
            yield return ("x SigmaZero*3", new SmallestOf(new SigmaZero { Steps = steps }) { Classes = 3 });
            yield return ("x SigmaZero star", new SigmaZero { Steps = steps, Sigma = 1, Threshold = 0.1, LearningRate = 0.1 });
            yield break;
        }

        yield return ("x Pdpgd*3", new SmallestOf(new Pdpgd { Norm = norm, Steps = steps }) { Classes = 3 });
        if (norm != Norm.Linf) yield return ("x Alma*3", new SmallestOf(new Alma { Norm = norm, Steps = steps }) { Classes = 3 });
        yield return ("x Pdpgd fast", new Pdpgd { Norm = norm, Steps = steps, LearningRate = 1 });
        yield return ("x Pdpgd 3", new Pdpgd { Norm = norm, Steps = steps, Restarts = 3 });
        yield return ("x Pdpgd+Fmn", new SmallestOf(new Pdpgd { Norm = norm, Steps = steps }, new Fmn { Norm = norm, Steps = steps, StepSize = 0.3 }));
        yield return ("x Fmn*3", new SmallestOf(new Fmn { Norm = norm, Steps = steps }) { Classes = 3 });
    }

    private static double First(Norm norm) => norm == Norm.L1 ? 10 : norm == Norm.L2 ? 1 : 0.1;
}
