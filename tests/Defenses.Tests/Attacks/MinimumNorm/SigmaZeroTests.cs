using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SigmaZeroTests : AttackContract<SigmaZero>
{
    protected override SigmaZero Create() => new() { Steps = 40 };
}
