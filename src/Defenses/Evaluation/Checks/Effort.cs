using Defenses.Attacks;
using Defenses.Models;

namespace Defenses.Evaluation.Checks;

/// <summary>The same attack with more effort; null where it has no such effort to add.</summary>
internal static class Effort
{
    private const int StepFactor = 2, RestartFactor = 4, FirstSteps = 10;

    /// <summary>Twice the steps, ten at least.</summary>
    internal static Attack? MoreSteps(Attack attack) => attack switch
    {
        Fgsm fgsm => new Pgd(fgsm.Epsilon) { Norm = fgsm.Norm, Loss = fgsm.Loss, Steps = FirstSteps, Restarts = 1, Seed = fgsm.Seed },
        Bim bim => bim with { Steps = More(bim.Steps) },
        Pgd pgd => pgd with { Steps = More(pgd.Steps) },
        CwPgd pgd => pgd with { Steps = More(pgd.Steps) },
        Apgd apgd => apgd with { Steps = More(apgd.Steps) },
        Fab fab => fab with { Steps = More(fab.Steps) },
        CarliniWagner cw => cw with { Steps = More(cw.Steps) },
        Nes nes => nes with { Steps = More(nes.Steps) },
        Spsa spsa => spsa with { Steps = More(spsa.Steps) },
        AutoAttackRandomized auto => auto with { Steps = More(auto.Steps) },
        _ => null,
    };

    private static int More(int steps) => Math.Max(StepFactor * steps, FirstSteps);

    /// <summary>Four times the restarts.</summary>
    internal static Attack? MoreRestarts(Attack attack) => attack switch
    {
        Pgd { RandomStart: true } pgd => pgd with { Restarts = RestartFactor * pgd.Restarts },
        CwPgd { RandomStart: true } pgd => pgd with { Restarts = RestartFactor * pgd.Restarts },
        Apgd apgd => apgd with { Restarts = RestartFactor * apgd.Restarts },
        Fab fab => fab with { Restarts = RestartFactor * fab.Restarts },
        Nes { RandomStart: true } nes => nes with { Restarts = RestartFactor * nes.Restarts },
        _ => null,
    };

    /// <summary>The attack with a step that follows its budget, where a fixed one could not cross a large budget.</summary>
    internal static Attack FreeStep(Attack attack) => attack switch
    {
        Pgd pgd => pgd with { StepSize = null },
        CwPgd pgd => pgd with { StepSize = null },
        Bim bim => bim with { StepSize = null },
        Nes nes => nes with { StepSize = null },
        _ => attack,
    };

    internal static bool ClimbsCrossEntropy(Attack attack) => attack switch
    {
        Fgsm fgsm => fgsm.Loss == Loss.CrossEntropy,
        Bim bim => bim.Loss == Loss.CrossEntropy,
        Pgd pgd => pgd.Loss == Loss.CrossEntropy,
        Apgd apgd => apgd.Loss == Loss.CrossEntropy,
        _ => false,
    };

    /// <summary>The largest size that a change of an image can have in a norm.</summary>
    internal static double Everything(Norm norm, Bounds bounds, long elements) => norm == Norm.L2 ? bounds.Range * Math.Sqrt(elements) : norm == Norm.L1 ? bounds.Range * elements : bounds.Range;
}
