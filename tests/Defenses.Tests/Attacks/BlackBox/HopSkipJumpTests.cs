using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class HopSkipJumpTests : AttackContract<HopSkipJump>
{
    protected override HopSkipJump Create() => new() { Steps = 5, FirstQueries = 40 };
}
