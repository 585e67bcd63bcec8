using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class ErrorTests : TensorTest
{
    [Fact]
    public void The_message_of_libtorch_arrives()
    {
        FluentActions.Invoking(() => ones(2, 3).mm(ones(2, 3))).Should().Throw<ExternalException>()
            .WithMessage("*mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)*");
        FluentActions.Invoking(() => ones(2) + ones(3)).Should().Throw<ExternalException>().WithMessage("*size of tensor a (2)*");
        FluentActions.Invoking(() => ones(2).view(3)).Should().Throw<ExternalException>().WithMessage("*invalid for input of size 2*");
        FluentActions.Invoking(() => ones(2).sum(5)).Should().Throw<ExternalException>().WithMessage("*out of range*");
    }

    [Fact]
    public void After_an_error_everything_works_as_before()
    {
        for (var i = 0; i < 100; i++)
            FluentActions.Invoking(() => ones(2).mm(ones(2))).Should().Throw<ExternalException>();
        ShouldBe(ones(2).dot(ones(2)), 2);
    }

    [Fact]
    public void Backward_through_a_freed_graph_is_an_error()
    {
        var x = ones(2, requires_grad: true);
        var y = (x * x).sum();
        y.backward();
        FluentActions.Invoking(() => y.backward()).Should().Throw<ExternalException>().WithMessage("*second time*");
        FluentActions.Invoking(() => ones(1).backward()).Should().Throw<ExternalException>().WithMessage("*does not require grad*");
    }

    [Fact]
    public void A_leaf_that_is_recorded_cannot_be_changed_in_place()
    {
        var x = ones(2, requires_grad: true);
        FluentActions.Invoking(() => x.add_(1)).Should().Throw<ExternalException>().WithMessage("*in-place operation*");
        FluentActions.Invoking(() => (x * 2).requires_grad = false).Should().Throw<ExternalException>().WithMessage("*leaf*");
    }

    [Fact]
    public void A_disposed_tensor_is_refused()
    {
        var x = ones(2);
        x.Dispose();
        FluentActions.Invoking(() => x + 1).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => x.shape).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => cat([ones(2), x])).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Values_out_of_the_range_of_a_number_are_errors()
    {
        FluentActions.Invoking(() => set_num_threads(0)).Should().Throw<Exception>();
        FluentActions.Invoking(() => set_default_dtype(int32)).Should().Throw<Exception>();
    }
}
