using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class ReductionTests : TensorTest
{
    private static Tensor Sample => Matrix(2, 1, 5, 3, 4, 2, 6);

    [Fact]
    public void Sums_and_means_run_over_all_or_over_some_dimensions()
    {
        ShouldBe(Sample.sum(), 21);
        ShouldBe(Sample.sum(0L), 5, 7, 9);
        ShouldBe(Sample.sum(1, keepdim: true), 9, 12);
        ShouldHaveShape(Sample.sum(1, keepdim: true), 2, 1);
        ShouldBe(Sample.sum([0, 1]), 21);
        ShouldBe(Sample.mean(), 3.5);
        ShouldBe(Sample.mean([1]), 3, 4);
        ShouldBe(Sample.prod(1), 15, 48);
        ones(2, dtype: torch.@bool).sum().dtype.Should().Be(int64);
        ones(2).sum(type: float64).dtype.Should().Be(float64);
    }

    [Fact]
    public void Deviations_divide_by_n_less_one_unless_told_otherwise()
    {
        ShouldBe(Sample.var(), 3.5);
        ShouldBe(Sample.var(unbiased: false), 17.5 / 6);
        ShouldBe(Sample.std([1L]), 2, 2);
        ShouldBe(Sample.std(1, unbiased: false), Math.Sqrt(8.0 / 3), Math.Sqrt(8.0 / 3));
        var (std, mean) = Sample.std_mean(1);
        ShouldBe(std, 2, 2);
        ShouldBe(mean, 3, 4);
        var (variance, _) = var_mean(Sample, 1, keepdim: true);
        ShouldHaveShape(variance, 2, 1);
        ShouldBe(torch.std(Sample, new long[] { 0, 1 }), Math.Sqrt(3.5));
    }

    [Fact]
    public void Extremes_come_with_their_positions()
    {
        var (values, indexes) = Sample.max(1);
        ShouldBe(values, 5, 6);
        ShouldBe(indexes, 1, 2);
        indexes.dtype.Should().Be(int64);
        var (least, where) = Sample.min(1, keepdim: true);
        ShouldBe(least, 1, 2);
        ShouldBe(where, 0, 1);
        ShouldBe(Sample.max(), 6);
        ShouldBe(Sample.amax([0, 1]), 6);
        ShouldBe(Sample.amin(0L), 1, 2, 3);
        ShouldBe(Sample.argmax(), 5);
        ShouldBe(Sample.argmax(1), 1, 2);
        ShouldBe(Sample.argmin(0), 0, 1, 0);
        ShouldBe(Sample.maximum(tensor(3.5)), 3.5, 5, 3.5, 4, 3.5, 6);
    }

    [Fact]
    public void Sorting_and_selecting_by_rank()
    {
        var (sorted, order) = Sample.sort(1, descending: true);
        ShouldBe(sorted, 5, 3, 1, 6, 4, 2);
        ShouldBe(order, 1, 2, 0, 2, 0, 1);
        var (top, positions) = Sample.topk(2, 1);
        ShouldBe(top, 5, 3, 6, 4);
        ShouldBe(positions, 1, 2, 2, 0);
        var (second, _) = Sample.kthvalue(2, 1);
        ShouldBe(second, 3, 4);
        ShouldBe(Sample.argsort(1), 0, 2, 1, 1, 0, 2);
        ShouldBe(Sample.median(), 3);
        ShouldBe(Sample.quantile(tensor(new[] { 0.0, 0.5, 1.0 })), 1, 3.5, 6);
    }

    [Fact]
    public void A_stable_sort_keeps_the_order_of_equal_elements()
    {
        var (_, order) = tensor(new[] { 1, 0, 1, 0, 1, 0 }).sort(stable: true);
        ShouldBe(order, 1, 3, 5, 0, 2, 4);
    }

    [Fact]
    public void Cumulative_functions_run_along_a_dimension()
    {
        ShouldBe(Sample.cumsum(1), 1, 6, 9, 4, 6, 12);
        ShouldBe(Sample.cumprod(0), 1, 5, 3, 4, 10, 18);
        ShouldBe(Sample.cummax(1).values, 1, 5, 5, 4, 4, 6);
        ShouldBe(tensor(new[] { 1.0, 4.0, 9.0 }).diff(), 3, 5);
    }

    [Fact]
    public void Softmax_is_the_normalised_exponential()
    {
        var x = tensor(new[] { 0.0, Math.Log(3) });
        ShouldBe(x.softmax(0), 0.25, 0.75);
        ShouldBe(x.log_softmax(0), Math.Log(0.25), Math.Log(0.75));
        ShouldBe(x.logsumexp(0), Math.Log(4));
        ShouldBe(torch.softmax(x, 0), 0.25, 0.75);
    }

    [Fact]
    public void Truth_values_are_reduced_by_all_and_any()
    {
        var x = Sample > 3;
        ShouldBe(x.any(), 1);
        ShouldBe(x.all(), 0);
        ShouldBe(x.all(0L), 0, 0, 0);
        ShouldBe(x.any(1), 1, 1);
        ShouldBe(x.count_nonzero(), 3);
        ShouldBe(x.count_nonzero([1]), 1, 2);
    }

    [Fact]
    public void Norms_have_their_closed_forms()
    {
        var x = tensor(new[] { 3.0, -4.0 });
        ShouldBe(x.norm(), 5);
        ShouldBe(x.norm(1f), 7);
        ShouldBe(x.norm(float.PositiveInfinity), 4);
        ShouldBe(Matrix(2, 3, 4, 5, 12).norm(1), 5, 13);
        ShouldBe(linalg.norm(x, 0), 2);
        ShouldBe(linalg.vector_norm(Matrix(2, 3, 4, 5, 12), 2, [1], keepdim: true), 5, 13);
        ShouldBe(x.dist(tensor(new[] { 0.0, 0.0 })), 5);
        ShouldBe(cdist(Matrix(1, 0, 0), Matrix(2, 3, 4, 6, 8)), 5, 10);
    }

    [Fact]
    public void Counting_and_distinct_values()
    {
        var x = tensor(new long[] { 3, 1, 3, 0 });
        ShouldBe(x.bincount(null), 1, 1, 0, 2);
        var (output, inverse, counts) = x.unique(return_inverse: true, return_counts: true);
        ShouldBe(output, 0, 1, 3);
        ShouldBe(inverse!, 2, 1, 2, 0);
        ShouldBe(counts!, 1, 1, 2);
        x.unique().counts.Should().BeNull();
        ShouldBe(tensor(new[] { 0.5, 1.5 }).bucketize(tensor(new[] { 0.0, 1.0 })), 1, 2);
        ShouldBe(searchsorted(tensor(new[] { 1.0, 2.0, 2.0, 3.0 }), tensor(new[] { 2.0 })), 1);
        ShouldBe(searchsorted(tensor(new[] { 1.0, 2.0, 2.0, 3.0 }), tensor(new[] { 2.0 }), right: true), 3);
        ShouldBe(tensor(new[] { 0f, 1f, 1f, 2f }).histc(2, 0, 2), 1, 3);
    }
}
