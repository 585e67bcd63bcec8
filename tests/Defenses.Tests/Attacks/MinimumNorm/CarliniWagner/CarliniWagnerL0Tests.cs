using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class CarliniWagnerL0Tests : AttackContract<CarliniWagner>
{
    protected override CarliniWagner Create() => new() { Norm = Norm.L0, Steps = 20, InitialConstant = 1000, LearningRate = 0.1 };
}
