using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class CarliniWagnerLinfTests : AttackContract<CarliniWagner>
{
    protected override CarliniWagner Create() => new() { Norm = Norm.Linf, Steps = 40, InitialConstant = 1, LearningRate = 0.1 };
}
