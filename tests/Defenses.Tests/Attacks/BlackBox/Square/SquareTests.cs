using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SquareTests : AttackContract<Square>
{
    protected override double? Budget => 0.3;

    protected override Square Create() => new(0.3) { Candidates = 100 };
}
