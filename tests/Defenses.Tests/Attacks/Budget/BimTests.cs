using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class BimTests : AttackContract<Bim>
{
    protected override double? Budget => 0.3;

    protected override Bim Create() => new(0.3);
}
