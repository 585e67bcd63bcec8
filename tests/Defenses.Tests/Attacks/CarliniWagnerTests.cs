using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class CarliniWagnerTests : AttackContract<CarliniWagner>
{
    protected override CarliniWagner Create() => new() { Steps = 60, SearchSteps = 3, InitialConstant = 1, LearningRate = 0.05 };
}
