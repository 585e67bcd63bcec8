using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class FmnL1Tests : AttackContract<Fmn>
{
    protected override Fmn Create() => new() { Norm = Norm.L1, Steps = 40, Start = new DeepFool() };
}
