using Defenses.Attacks;
using Defenses.Tests.Contracts;

namespace Defenses.Tests.Attacks;

public sealed class CrossEntropyAsLossTests : LossContract
{
    protected override Loss Loss => Loss.CrossEntropy;
}

public sealed class MarginAsLossTests : LossContract
{
    protected override Loss Loss => Loss.Margin;
}

public sealed class DlrAsLossTests : LossContract
{
    protected override Loss Loss => Loss.Dlr;
}

public sealed class LogitAsLossTests : LossContract
{
    protected override Loss Loss => Loss.Logit;
}
