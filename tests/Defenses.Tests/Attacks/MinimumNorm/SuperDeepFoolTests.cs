using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SuperDeepFoolTests : AttackContract<SuperDeepFool>
{
    protected override SuperDeepFool Create() => new() { Rounds = 5, Steps = 40 };
}
