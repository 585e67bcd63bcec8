using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SpsaTests : AttackContract<Spsa>
{
    protected override double? Budget => 0.3;

    protected override Spsa Create() => new(0.3) { Steps = 40, Samples = 32, LearningRate = 0.03 };

    protected override Spsa Scaled(Spsa attack, Bounds bounds) => base.Scaled(attack, bounds) with { LearningRate = attack.LearningRate * bounds.Range };
}
