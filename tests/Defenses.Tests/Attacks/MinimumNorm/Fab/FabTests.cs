using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class FabTests : AttackContract<Fab>
{
    protected override Fab Create() => new() { Steps = 10, Restarts = 2 };
}
