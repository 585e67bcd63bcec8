using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>The report of a sound evaluation: a trained network without and with noise; enough images, draws and steps; a budget that breaks it.</summary>
internal static class SoundReport
{
    private static readonly Lazy<EvaluationReport> s_report = new(Make);

    internal static EvaluationReport Value => s_report.Value;

    private static EvaluationReport Make()
    {
        using var plain = Digits.Network();
        using var noisy = Digits.NoisyInside(1.5);
        Func<double, Attack> pgd = epsilon => new Pgd(epsilon) { Steps = 20, Restarts = 1 };
        AttackEntry[] attacks =
        [
            new("noise", epsilon => new Noise(epsilon) { Tries = 2 }), new("FGSM", epsilon => new Fgsm(epsilon)), new("PGD", pgd),
            new("PGD", pgd, AttackerView.Eot(4)), new("PGD", pgd, AttackerView.Eot(8)), new("Square", epsilon => new Square(epsilon) { Candidates = 20 }),
        ];
        return new RobustnessEvaluation([new("plain", Digits.Classifier(plain)), new("noise inside", Digits.Classifier(noisy))], attacks, [0.1, 0.5])
        {
            Seed = 1, Draws = 30, BlockSize = 250,
        }.Run(Digits.Images(500));
    }
}
