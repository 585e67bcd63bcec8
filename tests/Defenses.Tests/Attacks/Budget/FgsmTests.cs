using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class FgsmTests : AttackContract<Fgsm>
{
    protected override double? Budget => 0.3;

    protected override Fgsm Create() => new(0.3);
}
