using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class NesTests : AttackContract<Nes>
{
    protected override double? Budget => 0.3;

    protected override Nes Create() => new(0.3) { Steps = 15 };
}
