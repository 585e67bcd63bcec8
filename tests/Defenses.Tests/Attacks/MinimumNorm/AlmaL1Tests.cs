using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class AlmaL1Tests : AttackContract<Alma>
{
    protected override Alma Create() => new() { Norm = Norm.L1, Steps = 60 };
}
