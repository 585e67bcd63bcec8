using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class WorstOfTests : AttackContract<WorstOf>
{
    protected override double? Budget => 0.3;

    protected override WorstOf Create() => new(new Fgsm(0.3), new Pgd(0.3) { Steps = 10, Restarts = 1 });

    protected override WorstOf Scaled(WorstOf attack, Bounds bounds) =>
        new(new Fgsm(0.3 * bounds.Range), new Pgd(0.3 * bounds.Range) { Steps = 10, Restarts = 1 });
}
