using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class JsmaTests : AttackContract<Jsma>
{
    protected override Jsma Create() => new() { Gamma = 1 };
}
