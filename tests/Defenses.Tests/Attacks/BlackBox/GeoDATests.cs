using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class GeoDATests : AttackContract<GeoDA>
{
    protected override GeoDA Create() => new() { Queries = 400 };
}

public sealed class GeoDALinfTests : AttackContract<GeoDA>
{
    protected override GeoDA Create() => new() { Norm = Norm.Linf, Queries = 400 };
}
