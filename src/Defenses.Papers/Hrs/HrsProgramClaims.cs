using Defenses.Statistics;
using static Defenses.Papers.TextFormat;

namespace Defenses.Papers;

/// <summary>Claims about reprogramming, with each kernel.</summary>
internal sealed class HrsProgramClaims(HrsResults results)
{
    private static readonly int[] s_kernels = [3, 2];

    /// <summary>The attacker's layer learns through one path a step.</summary>
    internal IEnumerable<PaperClaim> Published() => s_kernels.SelectMany(kernel => Hindered(kernel, "one draw", "a path for each step"));

    /// <summary>It learns through the mean of all paths.</summary>
    internal IEnumerable<PaperClaim> Stronger() => s_kernels.SelectMany(kernel => Hindered(kernel, HrsAttack.Exact, "all paths in each step"));

    private IEnumerable<PaperClaim> Hindered(int kernel, string setting, string view)
    {
        var some = results.Programs.Where(program => program.Kernel == kernel).ToArray();
        if (some.FirstOrDefault(program => program.Defense == results.Base.Name) is not { } plain
            || some.FirstOrDefault(program => program.Defense == results.Widest.Name && program.Setting == setting) is not { } own) yield break;
        var lost = ProportionDifference.Between(plain.Accuracy, own.Accuracy);
        var failed = plain.Accuracy.Lower < TrainedWell.LeastAccuracy;
        var claim = PaperClaim.Positive(
            $"HRS hinders reprogramming: fewer digits are recognised through it than through the unprotected network (kernel {kernel})", "section 7",
            $"{view}: base {Ranged(plain.Accuracy)}, {results.Widest.Name} {Ranged(own.Accuracy)}: {Points(lost)} points fewer"
                + (own.IsOnMnist ? "" : $"; the digits are not MNIST's ({own.Task})")
                + (failed ? "; but the layer has not learnt the task before the unprotected network either" : ""), lost.Interval);
        yield return failed ? claim.Undecided() : claim;
    }
}
