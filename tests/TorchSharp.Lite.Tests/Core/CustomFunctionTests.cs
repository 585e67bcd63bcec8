using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class CustomFunctionTests : TensorTest
{
    private sealed class StraightThroughSign : autograd.SingleTensorFunction<StraightThroughSign>
    {
        public override string Name => nameof(StraightThroughSign);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).sign();

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output.alias()];
    }

    // a·x, and a itself is a plain number.
    private sealed class Scaled : autograd.SingleTensorFunction<Scaled>
    {
        public override string Name => nameof(Scaled);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("factor", vars[0]);
            return (Tensor)vars[1] * (double)vars[0];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            [null!, grad_output * (double)ctx.get_data("factor")];
    }

    // x·y and x + y, with gradients from what was saved.
    private sealed class ProductAndSum : autograd.MultiTensorFunction<ProductAndSum>
    {
        public override string Name => nameof(ProductAndSum);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor x = (Tensor)vars[0], y = (Tensor)vars[1];
            ctx.save_for_backward([x, y]);
            return [x * y, x + y];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return [grad_outputs[0] * saved[1] + grad_outputs[1], grad_outputs[0] * saved[0] + grad_outputs[1]];
        }
    }

    [Fact]
    public void A_function_may_have_any_gradient()
    {
        var x = tensor(new[] { -3.0, 0.5 }, requires_grad: true);
        var y = StraightThroughSign.apply(x);
        ShouldBe(y, -1, 1);
        y.requires_grad.Should().BeTrue();
        ShouldBe(autograd.grad([(y * tensor(new[] { 2.0, 5.0 })).sum()], [x])[0], 2, 5);
    }

    [Fact]
    public void Arguments_that_are_not_tensors_have_no_gradient()
    {
        var x = tensor(new[] { 1.0, 2.0 }, requires_grad: true);
        var y = Scaled.apply(4.0, x);
        ShouldBe(y, 4, 8);
        y.sum().backward();
        ShouldBe(x.grad!, 4, 4);
    }

    [Fact]
    public void Several_outputs_and_saved_tensors()
    {
        var x = tensor(3.0, requires_grad: true);
        var y = tensor(5.0, requires_grad: true);
        var outputs = ProductAndSum.apply(x, y);
        ShouldBe(outputs[0], 15);
        ShouldBe(outputs[1], 8);
        (outputs[0] + outputs[1] * 10).backward();
        ShouldBe(x.grad!, 15);
        ShouldBe(y.grad!, 13);
    }

    [Fact]
    public void An_output_that_nobody_uses_counts_as_zero()
    {
        var x = tensor(3.0, requires_grad: true);
        var y = tensor(5.0, requires_grad: true);
        ProductAndSum.apply(x, y)[1].backward();
        ShouldBe(x.grad!, 1);
    }

    [Fact]
    public void Without_recording_only_the_forward_pass_runs()
    {
        var x = tensor(2.0, requires_grad: true);
        using var off = no_grad();
        StraightThroughSign.apply(x).requires_grad.Should().BeFalse();
    }

    [Fact]
    public void A_thousand_applications_leave_nothing_behind()
    {
        var x = tensor(new[] { 1.0, 2.0 }, requires_grad: true);
        var before = Alive;
        for (var i = 0; i < 1000; i++)
        {
            using var scope = NewDisposeScope();
            var outputs = ProductAndSum.apply(x, x);
            autograd.grad([outputs[0].sum()], [x]);
        }
        Alive.Should().Be(before);
    }
}
