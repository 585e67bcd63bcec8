using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class AutogradTests : TensorTest
{
    private static Tensor Leaf(params double[] values) => tensor(values, requires_grad: true);

    [Fact]
    public void Gradients_have_their_closed_forms()
    {
        var x = Leaf(1, 2, 3);
        ShouldBe(autograd.grad([x.pow(3).sum()], [x])[0], 3, 12, 27);
        ShouldBe(autograd.grad([x.sin().sum()], [x])[0], Math.Cos(1), Math.Cos(2), Math.Cos(3));
        ShouldBe(autograd.grad([x.prod()], [x])[0], 6, 3, 2);
        x.grad.Should().BeNull();
    }

    [Fact]
    public void Gradients_are_weighted_by_what_comes_from_above()
    {
        var x = Leaf(1, 2);
        ShouldBe(autograd.grad([x * 3], [x], [tensor(new[] { 1.0, 10.0 })])[0], 3, 30);
    }

    [Fact]
    public void Backward_adds_to_the_gradients_of_the_leaves()
    {
        var x = Leaf(1, 2);
        (x * x).sum().backward();
        ShouldBe(x.grad!, 2, 4);
        (x * x).sum().backward();
        ShouldBe(x.grad!, 4, 8);
        x.grad = null;
        x.grad.Should().BeNull();
        x.grad = ones_like(x);
        ShouldBe(x.grad!, 1, 1);
    }

    [Fact]
    public void Backward_with_inputs_touches_only_those()
    {
        Tensor x = Leaf(2), y = Leaf(3);
        (x * y).sum().backward(inputs: [x]);
        ShouldBe(x.grad!, 3);
        y.grad.Should().BeNull();
        autograd.backward([x * y], [tensor(new[] { 10.0 })], inputs: [y]);
        ShouldBe(y.grad!, 20);
    }

    [Fact]
    public void Second_derivatives_come_from_a_graph_of_the_first()
    {
        var x = Leaf(2);
        var first = autograd.grad([x.pow(3).sum()], [x], retain_graph: true, create_graph: true)[0];
        ShouldBe(first, 12);
        ShouldBe(autograd.grad([first.sum()], [x])[0], 12);
    }

    [Fact]
    public void An_unused_input_has_an_invalid_gradient()
    {
        Tensor x = Leaf(1), unused = Leaf(1);
        var gradients = autograd.grad([(x * 2).sum()], [x, unused], allow_unused: true);
        ShouldBe(gradients[0], 2);
        gradients[1].IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void Recording_is_switched_off_and_on_again()
    {
        var x = Leaf(1);
        is_grad_enabled().Should().BeTrue();
        using (no_grad())
        {
            is_grad_enabled().Should().BeFalse();
            (x * 2).requires_grad.Should().BeFalse();
            using (enable_grad()) (x * 2).requires_grad.Should().BeTrue();
            (x * 2).requires_grad.Should().BeFalse();
        }
        (x * 2).requires_grad.Should().BeTrue();
        using (set_grad_enabled(false)) is_grad_enabled().Should().BeFalse();
        is_grad_enabled().Should().BeTrue();
    }

    [Fact]
    public void Recording_belongs_to_a_thread()
    {
        using var off = no_grad();
        var elsewhere = false;
        var thread = new Thread(() => elsewhere = is_grad_enabled());
        thread.Start();
        thread.Join();
        elsewhere.Should().BeTrue();
    }

    [Fact]
    public void Detached_and_frozen_tensors_are_constants()
    {
        var x = Leaf(3);
        x.detach().requires_grad.Should().BeFalse();
        ShouldBe(autograd.grad([(x * x.detach()).sum()], [x])[0], 3);
        x.requires_grad_(false);
        (x * 2).requires_grad.Should().BeFalse();
    }

    [Fact]
    public void A_tensor_in_the_middle_keeps_its_gradient_on_request()
    {
        var x = Leaf(2);
        var middle = x * 3;
        middle.is_leaf.Should().BeFalse();
        middle.retain_grad();
        (middle * middle).sum().backward();
        ShouldBe(middle.grad!, 12);
    }

    [Fact]
    public void Gradients_flow_through_indexing_and_selection()
    {
        var x = Leaf(1, 2, 3, 4);
        ShouldBe(autograd.grad([x[1..3].sum()], [x])[0], 0, 1, 1, 0);
        ShouldBe(autograd.grad([x[tensor(new long[] { 0, 0, 3 })].sum()], [x])[0], 2, 0, 0, 1);
        ShouldBe(autograd.grad([x.max()], [x])[0], 0, 0, 0, 1);
        ShouldBe(autograd.grad([where(x > 2, x * 5, x).sum()], [x])[0], 1, 1, 5, 5);
    }
}
