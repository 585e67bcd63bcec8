using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class AlmaTests : AttackContract<Alma>
{
    protected override Alma Create() => new() { Steps = 60 };
}
