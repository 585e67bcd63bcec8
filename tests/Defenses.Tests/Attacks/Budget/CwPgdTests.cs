using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class CwPgdTests : AttackContract<CwPgd>
{
    protected override double? Budget => 0.3;

    protected override CwPgd Create() => new(0.3);
}
