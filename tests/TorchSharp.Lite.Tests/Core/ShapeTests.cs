using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class ShapeTests : TensorTest
{
    private static Tensor Sample => arange(6).reshape(2, 3);

    [Fact]
    public void A_tensor_describes_itself()
    {
        var x = zeros(2, 3, 4, dtype: int16);
        ShouldHaveShape(x, 2, 3, 4);
        x.stride().Should().Equal(12, 4, 1);
        x.stride(0).Should().Be(12);
        x.size(-1).Should().Be(4);
        (x.dim(), x.ndim, x.Dimensions).Should().Be((3, 3, 3));
        (x.numel(), x.NumberOfElements).Should().Be((24, 24));
        (x.ElementSize, x.element_size()).Should().Be((2, 2));
        x.dtype.Should().Be(int16);
        x.device.type.Should().Be(DeviceType.CPU);
        x.is_contiguous().Should().BeTrue();
        x.transpose(0, 1).is_contiguous().Should().BeFalse();
        x.is_leaf.Should().BeTrue();
        x[1].storage_offset().Should().Be(12);
        x.ToString().Should().Contain("[2x3x4]").And.Contain("Int16").And.Contain("cpu");
    }

    [Fact]
    public void Views_share_memory_and_copies_do_not()
    {
        var x = zeros(2, 3);
        x.view(6).fill_(1);
        x.alias().add_(1);
        x.clone().fill_(9);
        ShouldBe(x, 2, 2, 2, 2, 2, 2);
    }

    [Fact]
    public void An_alias_is_the_same_tensor_in_another_wrapper()
    {
        var x = ones(2, requires_grad: true);
        var alias = x.alias();
        alias.Should().NotBeSameAs(x);
        alias.is_leaf.Should().BeTrue();
        (x * x).sum().backward();
        ShouldBe(alias.grad!, 2, 2);
        x.Dispose();
        ShouldBe(alias, 1, 1);
    }

    [Fact]
    public void Shapes_change_without_changing_the_elements()
    {
        ShouldHaveShape(Sample.reshape(3, -1), 3, 2);
        ShouldHaveShape(Sample.flatten(), 6);
        ShouldHaveShape(zeros(2, 3, 4).flatten(1), 2, 12);
        ShouldHaveShape(zeros(2, 12).unflatten(1, 3, 4), 2, 3, 4);
        ShouldHaveShape(Sample.unsqueeze(1), 2, 1, 3);
        ShouldHaveShape(zeros(1, 3, 1).squeeze(), 3);
        ShouldHaveShape(zeros(1, 3, 1).squeeze(0), 3, 1);
        ShouldHaveShape(zeros(2, 3, 4).permute(2, 0, 1), 4, 2, 3);
        ShouldHaveShape(zeros(2, 3, 4).movedim([0], [2]), 3, 4, 2);
        ShouldHaveShape(zeros(3, 1).expand(-1, 4), 3, 4);
        ShouldHaveShape(zeros(3).expand(2, 3), 2, 3);
        ShouldHaveShape(zeros(3).broadcast_to(2, 3), 2, 3);
        ShouldHaveShape(zeros(2, 1).expand_as(zeros(2, 5)), 2, 5);
        ShouldBe(Sample.t(), 0, 3, 1, 4, 2, 5);
        ShouldBe(Sample.T, 0, 3, 1, 4, 2, 5);
    }

    [Fact]
    public void Channels_last_strides_come_from_permuting_a_contiguous_copy()
    {
        var x = arange(2 * 3 * 2 * 2).reshape(2, 3, 2, 2);
        var last = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        last.stride().Should().Equal(12, 1, 6, 3);
        last.Equals(x).Should().BeTrue();
    }

    [Fact]
    public void Parts_are_taken_joined_and_repeated()
    {
        ShouldBe(Sample.narrow(1, 1, 2), 1, 2, 4, 5);
        ShouldBe(Sample.select(0, 1), 3, 4, 5);
        ShouldBe(Sample.slice(1, 0, 3, 2), 0, 2, 3, 5);
        ShouldBe(Sample.repeat(1, 2), 0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5);
        ShouldBe(Sample.repeat_interleave(2, 0)[1], 0, 1, 2);
        ShouldBe(tensor(new[] { 7, 8 }).repeat_interleave(tensor(new long[] { 1, 2 })), 7, 8, 8);
        ShouldBe(cat([Sample, Sample], 1)[0], 0, 1, 2, 0, 1, 2);
        ShouldHaveShape(stack([Sample, Sample], 1), 2, 2, 3);
        ShouldHaveShape(vstack([Sample, Sample]), 4, 3);
        Sample.chunk(2).Should().HaveCount(2);
        Sample.split(2, 1).Select(part => part.shape[1]).Should().Equal(2, 1);
        Sample.split([1L, 2L], 1).Select(part => part.shape[1]).Should().Equal(1, 2);
        ShouldBe(Sample.unbind(1)[2], 2, 5);
    }

    [Fact]
    public void Long_lists_of_results_arrive_complete()
    {
        var parts = arange(40).unbind();
        parts.Should().HaveCount(40);
        parts.Select(part => part.ToInt64()).Should().Equal(Enumerable.Range(0, 40).Select(i => (long)i));
        ShouldBe(cat([.. parts.Select(part => part.view(1))]).sum(), 780);
    }

    [Fact]
    public void Order_is_reversed_and_rotated()
    {
        ShouldBe(Sample.flip(1), 2, 1, 0, 5, 4, 3);
        ShouldBe(Sample.roll(1, 1), 2, 0, 1, 5, 3, 4);
        ShouldBe(Sample.rot90(), 2, 5, 1, 4, 0, 3);
        ShouldBe(Sample.tril(), 0, 0, 0, 3, 4, 0);
        ShouldBe(Sample.diagonal(), 0, 4);
        ShouldBe(tensor(new[] { 1, 2 }).diag(), 1, 0, 0, 2);
        ShouldBe(arange(5).unfold(0, 2, 2), 0, 1, 2, 3);
        ShouldBe(Sample.as_strided([2, 2], [1, 2]), 0, 2, 1, 3);
    }

    [Fact]
    public void Grids_and_products_of_sets()
    {
        var grid = meshgrid([arange(2), arange(3)]);
        ShouldBe(grid[0], 0, 0, 0, 1, 1, 1);
        ShouldBe(grid[1], 0, 1, 2, 0, 1, 2);
        ShouldBe(cartesian_prod(arange(2), arange(2)), 0, 0, 0, 1, 1, 0, 1, 1);
        ShouldBe(tril_indices(2, 2), 0, 1, 1, 0, 0, 1);
        broadcast_tensors(zeros(2, 1), zeros(3))[1].shape.Should().Equal(2, 3);
        broadcast_shapes([2, 1], [3]).Shape.Should().Equal(2, 3);
        FluentActions.Invoking(() => broadcast_shapes([2], [3])).Should().Throw<ArgumentException>().WithMessage("*[2], [3]*");
    }

    [Fact]
    public void A_size_is_compared_by_its_numbers()
    {
        (new Size([2, 3]) == new Size((2, 3))).Should().BeTrue();
        (new Size([2, 3]) != new Size([3, 2])).Should().BeTrue();
        new Size([2, 3]).numel().Should().Be(6);
        (new Size(2) + new Size(3)).Shape.Should().Equal(2, 3);
    }
}
