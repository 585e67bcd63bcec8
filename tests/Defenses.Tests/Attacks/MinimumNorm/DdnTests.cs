using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class DdnTests : AttackContract<Ddn>
{
    protected override Ddn Create() => new() { Steps = 40 };
}
