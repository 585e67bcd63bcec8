using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class SquareL1Tests : AttackContract<Square>
{
    protected override double? Budget => 1.5;

    protected override Square Create() => new(1.5) { Norm = Norm.L1, Candidates = 250 };

    protected override int LostToLargeLogits => 2;

    protected override double RoundingTolerance => 0.01;   // the projection amplifies rounding

    protected override double ShareUnderConstraint => 0.5;   // random windows of three elements; the best change is a single one
}
