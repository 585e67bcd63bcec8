using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class FmnL0Tests : AttackContract<Fmn>
{
    protected override Fmn Create() => new() { Norm = Norm.L0, Steps = 40 };
}
