using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class L0AsNormTests : NormContract
{
    protected override Norm Norm => Norm.L0;

    protected override double Radius => 3;

    protected override bool IsHomogeneous => false;
}

public sealed class L1AsNormTests : NormContract
{
    protected override Norm Norm => Norm.L1;

    protected override double Radius => 0.7;
}

public sealed class L2AsNormTests : NormContract
{
    protected override Norm Norm => Norm.L2;

    protected override double Radius => 0.5;
}

public sealed class LinfAsNormTests : NormContract
{
    protected override Norm Norm => Norm.Linf;

    protected override double Radius => 0.3;
}
