using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class ApgdTests : AttackContract<Apgd>
{
    protected override double? Budget => 0.3;

    protected override Apgd Create() => new(0.3) { Steps = 30 };
}
