using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class PdpgdLinfTests : AttackContract<Pdpgd>
{
    protected override Pdpgd Create() => new() { Norm = Norm.Linf, Steps = 60 };
}
