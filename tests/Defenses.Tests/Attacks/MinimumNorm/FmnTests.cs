using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class FmnTests : AttackContract<Fmn>
{
    protected override Fmn Create() => new() { Steps = 40 };
}
