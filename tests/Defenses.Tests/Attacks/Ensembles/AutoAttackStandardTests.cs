using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class AutoAttackStandardTests : AttackContract<AutoAttackStandard>
{
    protected override double? Budget => 0.3;

    protected override AutoAttackStandard Create() => new(0.3) { Steps = 15, Candidates = 30 };
}
