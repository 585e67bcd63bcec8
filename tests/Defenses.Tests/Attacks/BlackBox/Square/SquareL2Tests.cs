using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SquareL2Tests : AttackContract<Square>
{
    protected override double? Budget => 0.8;

    protected override Square Create() => new(0.8) { Norm = Norm.L2, Candidates = 200 };
}
