using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class AutoAttackRandomizedTests : AttackContract<AutoAttackRandomized>
{
    protected override double? Budget => 0.3;

    protected override AutoAttackRandomized Create() => new(0.3) { Steps = 20, Draws = 4 };

    // One of its two parts ascends cross-entropy, which is flat where logits are large.
    protected override int LostToLargeLogits => 4;
}
