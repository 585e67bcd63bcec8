using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Lite;

// TorchSharp ends the process where these throw.
public sealed class CustomFunctionErrorTests
{
    private sealed class FailsForward : autograd.SingleTensorFunction<FailsForward>
    {
        public override string Name => nameof(FailsForward);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => throw new FormatException("no forward");

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    private sealed class FailsBackward : autograd.SingleTensorFunction<FailsBackward>
    {
        public override string Name => nameof(FailsBackward);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]) * 2;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new FormatException("no backward");
    }

    private sealed class ReturnsTooFew : autograd.SingleTensorFunction<ReturnsTooFew>
    {
        public override string Name => nameof(ReturnsTooFew);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]) + (Tensor)vars[1];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    [Fact]
    public void An_exception_in_forward_comes_back_as_itself()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        FluentActions.Invoking(() => FailsForward.apply(x)).Should().Throw<FormatException>().WithMessage("no forward");
        (x * 2).ToDouble().Should().Be(2);
    }

    [Fact]
    public void An_exception_in_backward_comes_back_as_itself()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var y = FailsBackward.apply(x);
        FluentActions.Invoking(() => y.backward()).Should().Throw<FormatException>().WithMessage("no backward");
        FluentActions.Invoking(() => ones(2).mm(ones(2))).Should().Throw<System.Runtime.InteropServices.ExternalException>();
    }

    [Fact]
    public void A_wrong_number_of_gradients_is_an_error()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        var y = ReturnsTooFew.apply(x, x);
        FluentActions.Invoking(() => y.backward()).Should().Throw<InvalidOperationException>().WithMessage("*returned 1 gradients*: 2*");
    }

    [Fact]
    public void Errors_of_autograd_are_exceptions()
    {
        using var scope = NewDisposeScope();
        Tensor x = ones(1, requires_grad: true), unused = ones(1, requires_grad: true);
        FluentActions.Invoking(() => autograd.grad([(x * 2).sum()], [unused])).Should().Throw<Exception>().WithMessage("*not have been used*");
        FluentActions.Invoking(() => autograd.grad([ones(1)], [x])).Should().Throw<Exception>().WithMessage("*does not require grad*");
        FluentActions.Invoking(() => ones(2, 3).matmul(ones(2, 3))).Should().Throw<Exception>().WithMessage("*cannot be multiplied*");
    }
}
