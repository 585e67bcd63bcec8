using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class IndexingTests : TensorTest
{
    private static Tensor Sample => arange(24).reshape(2, 3, 4);

    [Fact]
    public void Numbers_take_one_element_of_a_dimension_each()
    {
        ShouldHaveShape(Sample[1], 3, 4);
        ShouldBe(Sample[1, 2], 20, 21, 22, 23);
        Sample[1, 2, 3].ToInt64().Should().Be(23);
        Sample[-1, -1, -1].ToInt64().Should().Be(23);
    }

    [Fact]
    public void Ranges_slice()
    {
        ShouldHaveShape(Sample[.., 1..], 2, 2, 4);
        ShouldBe(Sample[0, 1, 1..^1], 5, 6);
        ShouldBe(Sample[0, 1, ^2..], 6, 7);
        ShouldBe(Sample[0, 0, TensorIndex.Slice(0, null, 2)], 0, 2);
        ShouldBe(Sample[0, 0, (1, 3)], 1, 2);
    }

    [Fact]
    public void Ellipsis_stands_for_all_other_dimensions_and_null_makes_a_new_one()
    {
        ShouldBe(Sample[TensorIndex.Ellipsis, 0], 0, 4, 8, 12, 16, 20);
        ShouldHaveShape(Sample[0, TensorIndex.Ellipsis, TensorIndex.Null], 3, 4, 1);
        ShouldHaveShape(Sample[TensorIndex.Null, TensorIndex.Colon, 0], 1, 2, 4);
    }

    [Fact]
    public void Tensors_choose_elements()
    {
        var rows = tensor(new long[] { 1, 0 });
        ShouldBe(Sample[rows][0, 0], 12, 13, 14, 15);
        ShouldBe(Sample[TensorIndex.Tensor(rows), TensorIndex.Tensor(tensor(new long[] { 2, 1 })), 0], 20, 4);
        ShouldHaveShape(Sample[TensorIndex.Ellipsis, TensorIndex.Tensor(rows)], 2, 3, 2);
        ShouldHaveShape(Sample[TensorIndex.Colon, TensorIndex.Tensor(tensor(new long[] { 0, 0, 1 }))], 2, 3, 4);
        ShouldBe(Sample[Sample > 21], 22, 23);
        ShouldBe(Sample[0, TensorIndex.Tensor(tensor(new[] { true, false, true })), 0], 0, 8);
        ShouldHaveShape(Sample[TensorIndex.Bool(true)], 1, 2, 3, 4);
        ShouldHaveShape(Sample[TensorIndex.Bool(false)], 0, 2, 3, 4);
    }

    [Fact]
    public void An_index_gives_a_view_where_it_can()
    {
        var x = zeros(2, 2);
        x[0].fill_(1);
        x[TensorIndex.Colon, 1..].add_(2);
        ShouldBe(x, 1, 3, 0, 2);
    }

    [Fact]
    public void Assignments_write_into_the_tensor()
    {
        var x = zeros(2, 3);
        x[0, 1] = 5;
        x[TensorIndex.Colon, 2] = tensor(new[] { 7f, 8f });
        x[1, ..2] = tensor(3f);
        ShouldBe(x, 0, 5, 7, 3, 3, 8);
        x[x > 4] = tensor(-1f);
        ShouldBe(x, 0, -1, -1, 3, 3, -1);
        x[TensorIndex.Tensor(tensor(new long[] { 0, 1 })), TensorIndex.Tensor(tensor(new long[] { 0, 2 }))] = tensor(new[] { 10f, 20f });
        ShouldBe(x, 10, -1, -1, 3, 3, 20);
    }

    [Fact]
    public void Put_accumulates_on_repeated_positions()
    {
        var x = zeros(3);
        x.index_put_(ones(3), [tensor(new long[] { 0, 2, 2 })], accumulate: true);
        ShouldBe(x, 1, 0, 2);
        x.index_put_(9, TensorIndex.Single(1));
        ShouldBe(x, 1, 9, 2);
        x.index_put_(4, tensor(new long[] { 0 }));
        ShouldBe(x, 4, 9, 2);
    }

    [Fact]
    public void A_position_outside_is_an_error()
    {
        var x = zeros(2, 3);
        FluentActions.Invoking(() => x[2]).Should().Throw<Exception>().WithMessage("*out of range*");
        FluentActions.Invoking(() => x[TensorIndex.Tensor(tensor(5L))]).Should().Throw<Exception>().WithMessage("*out of bounds*");
    }

    [Fact]
    public void Gather_and_scatter_move_elements_along_a_dimension()
    {
        var x = Matrix(2, 1, 2, 3, 4);
        var swap = tensor(new long[] { 1, 0, 0, 0 }).reshape(2, 2);
        ShouldBe(x.gather(1, swap), 2, 1, 3, 3);
        ShouldBe(zeros(2, 2, dtype: float64).scatter(1, tensor(new long[] { 1, 0 }).reshape(2, 1), Matrix(2, 5, 6)), 0, 5, 6, 0);
        ShouldBe(zeros(3).scatter_add(0, tensor(new long[] { 0, 0, 2 }), ones(3)), 2, 0, 1);
        ShouldBe(x.index_select(1, tensor(new long[] { 1 })), 2, 4);
        ShouldBe(x.clone().index_copy_(0, tensor(new long[] { 1 }), Matrix(1, 8, 9)), 1, 2, 8, 9);
        ShouldBe(x.index_add(0, tensor(new long[] { 1 }), Matrix(1, 1, 1), 10), 1, 2, 13, 14);
        ShouldBe(x.index_fill(1, tensor(new long[] { 0 }), 0), 0, 2, 0, 4);
        ShouldBe(x.take(tensor(new long[] { 3, 0 })), 4, 1);
        ShouldBe(x.take_along_dim(x.argsort(1, descending: true), 1), 2, 1, 4, 3);
    }

    [Fact]
    public void Masks_fill_select_and_choose()
    {
        var x = Matrix(2, 1, 2, 3, 4);
        ShouldBe(x.masked_fill(x > 2, 0), 1, 2, 0, 0);
        ShouldBe(x.masked_select(x > 2), 3, 4);
        ShouldBe(x.where(x > 2, -x), -1, -2, 3, 4);
        ShouldBe(where(x > 2, x, zeros_like(x)), 0, 0, 3, 4);
        ShouldBe(where(x > 2)[0], 1, 1);
        ShouldBe((x > 3).nonzero(), 1, 1);
        ShouldBe(x.masked_scatter(x > 2, tensor(new[] { 7.0, 8.0 })), 1, 2, 7, 8);
    }
}
