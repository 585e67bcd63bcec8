using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class PdpgdTests : AttackContract<Pdpgd>
{
    protected override Pdpgd Create() => new() { Steps = 60, Restarts = 2 };
}
