using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class BoundedReLUTests : LayerContract<BoundedReLU>
{
    protected override BoundedReLU Create() => new(1.5);

    [Fact]
    public void Values_are_cut_at_zero_and_at_the_ceiling()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -2.0, 0, 0.5, 1.5, 7 }).unsqueeze(0).requires_grad_();
        var y = Create().call(x);
        Numbers.Of(y).Should().Equal(0, 0, 0.5, 1.5, 1.5);
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().Equal(0, 0, 1, 0, 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void The_ceiling_must_be_above_0(double max) =>
        FluentActions.Invoking(() => new BoundedReLU(max)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("max must be*above 0*");
}
