using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class BoundaryAttackTests : AttackContract<BoundaryAttack>
{
    protected override BoundaryAttack Create() => new() { Steps = 60 };
}
