using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class TrustRegionTests : AttackContract<TrustRegion>
{
    protected override TrustRegion Create() => new() { Radius = 0.05, Steps = 200 };

    protected override TrustRegion Scaled(TrustRegion attack, Bounds bounds) => attack with { Radius = attack.Radius * bounds.Range };
}
