using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class DeepFoolTests : AttackContract<DeepFool>
{
    protected override DeepFool Create() => new();
}
