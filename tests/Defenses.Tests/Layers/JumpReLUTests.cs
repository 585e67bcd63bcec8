using Defenses.Layers;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class JumpReLUTests : LayerContract<JumpReLU>
{
    protected override JumpReLU Create() => new(0.4);

    [Fact]
    public void What_is_above_the_threshold_stays_and_what_is_at_it_goes()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -1.0, 0, 0.4, 0.41, 3 }).unsqueeze(0).requires_grad_();
        var y = Create().call(x);
        Numbers.Of(y).Should().Equal(0, 0, 0, 0.41, 3);
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().Equal(0, 0, 0, 1, 1);
    }

    [Fact]
    public void A_threshold_of_0_is_the_rectifier()
    {
        using var scope = NewDisposeScope();
        var x = Numbers.Normal([20, 30]);
        Numbers.Of(new JumpReLU(0).call(x)).Should().Equal(Numbers.Of(x.relu()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_threshold_counts_in_both_modes_and_can_be_changed(bool training)
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.train(training);
        layer.Kappa = 1;
        Numbers.Of(layer.call(tensor(new[] { 0.9, 1.1 }).unsqueeze(0))).Should().Equal(0, 1.1);
    }

    [Fact]
    public void The_surrogate_is_the_rectifier_behind_the_same_values()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        layer.UseSurrogate = true;
        var x = tensor(new[] { -1.0, 0.3, 0.5 }).unsqueeze(0).requires_grad_();
        var y = layer.call(x);
        Numbers.Of(y).Should().Equal(0, 0, 0.5);
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Should().Equal(0, 1, 1);
    }

    [Fact]
    public void A_sharp_surrogate_shows_the_jump()
    {
        using var scope = NewDisposeScope();
        var layer = Create();
        (layer.UseSurrogate, layer.SurrogateSharpness) = (true, 10);
        var x = tensor(new[] { 0.1, 0.35, 0.4, 1.0 }).unsqueeze(0).requires_grad_();
        var y = layer.call(x);
        Numbers.Of(y).Should().Equal(0, 0, 0, 1);
        var expected = Numbers.Of(x).Select(z =>
        {
            var s = 1 / (1 + Math.Exp(-10 * (z - 0.4)));   // d/dz z·σ(β(z − κ)) = σ + β·z·σ(1 − σ)
            return s + 10 * z * s * (1 - s);
        });
        Numbers.Of(autograd.grad([y.sum()], [x])[0]).Zip(expected).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void The_threshold_must_be_a_number_from_0(double kappa)
    {
        FluentActions.Invoking(() => new JumpReLU(kappa)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("kappa must be*");
        FluentActions.Invoking(() => Create().SurrogateSharpness = kappa).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage("surrogateSharpness must be*");
    }
}
