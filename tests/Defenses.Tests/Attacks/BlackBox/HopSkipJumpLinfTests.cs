using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class HopSkipJumpLinfTests : AttackContract<HopSkipJump>
{
    protected override HopSkipJump Create() => new() { Norm = Norm.Linf, Steps = 5, FirstQueries = 40 };
}
