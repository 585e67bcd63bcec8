using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class PgdTests : AttackContract<Pgd>
{
    protected override double? Budget => 0.3;

    protected override Pgd Create() => new(0.3);
}
