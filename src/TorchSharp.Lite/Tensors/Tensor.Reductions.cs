namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // Reductions, order statistics and cumulative functions.
        public Tensor sum(ScalarType? type = null) => Op.Call("sum", this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Op.Call("sum.dim_IntList", this, dim, keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            Op.Call("sum.dim_IntList", this, new[] { dim0, dim1 }, keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            Op.Call("sum.dim_IntList", this, new[] { dim0, dim1, dim2 }, keepdim, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Op.Call("sum.dim_IntList", this, dim, keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Op.Call("sum.dim_IntList", this, dim, keepdim, type);
        public Tensor nansum() => Op.Call("nansum", this);
        public Tensor mean() => Op.Call("mean", this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Op.Call("mean.dim", this, dimensions, keepdim, type);
        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            Op.Call("nanmean", this, dim is { } d ? new long[] { d } : Arg.None, keepdim, dtype);
        public Tensor prod(ScalarType? type = null) => Op.Call("prod", this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Op.Call("prod.dim_int", this, dim, keepdim, type);
        public Tensor all() => Op.Call("all", this);
        public Tensor all(long dim, bool keepdim = false) => Op.Call("all.dim", this, dim, keepdim);
        public Tensor any() => Op.Call("any", this);
        public Tensor any(long dim, bool keepdim = false) => Op.Call("any.dim", this, dim, keepdim);
        public Tensor max() => Op.Call("max", this);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Op.Call2("max.dim", this, dim, keepdim);
        public Tensor min() => Op.Call("min", this);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Op.Call2("min.dim", this, dim, keepdim);
        public Tensor amax(params long[] dims) => Op.Call("amax", this, dims);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Op.Call("amax", this, dims, keepdim) : Op.Call("amax.out", this, dims, keepdim, @out);
        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amax(dims.ToArray(), keepdim, @out);
        public Tensor amin(params long[] dims) => Op.Call("amin", this, dims);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) =>
            @out is null ? Op.Call("amin", this, dims, keepdim) : Op.Call("amin.out", this, dims, keepdim, @out);
        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amin(dims.ToArray(), keepdim, @out);
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Op.Call2("aminmax", this, dim, keepdim);
        public Tensor argmax() => Op.Call("argmax", this);
        public Tensor argmax(long dim, bool keepdim = false) => Op.Call("argmax", this, dim, keepdim);
        public Tensor argmin() => Op.Call("argmin", this);
        public Tensor argmin(long dim, bool keepdim = false) => Op.Call("argmin", this, dim, keepdim);
        public Tensor argsort(long dim = -1, bool descending = false) => Op.Call("argsort", this, dim, descending);
        public Tensor argwhere() => Op.Call("argwhere", this);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Op.Call2("sort.stable", this, stable, dim, descending);
        public Tensor msort() => Op.Call("msort", this);
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Op.Call2("topk", this, k, dim, largest, sorted);
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            Op.Call2("kthvalue", this, k, dim ?? -1, keepdim);
        public (Tensor values, Tensor indices) mode(long dim = -1, bool keepdim = false) => Op.Call2("mode", this, dim, keepdim);
        public Tensor median() => Op.Call("median", this);
        public Tensor nanmedian() => Op.Call("nanmedian", this);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Op.Call("quantile", this, q, dim == -1 ? Arg.None : dim, keepdim);
        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Op.Call("nanquantile", this, q, dim == -1 ? Arg.None : dim, keepdim);
        public (Tensor values, Tensor indexes) cummax(long dim) => Op.Call2("cummax", this, dim);
        public (Tensor values, Tensor indexes) cummin(long dim) => Op.Call2("cummin", this, dim);
        public Tensor cumsum(long dim, ScalarType? type = null) => Op.Call("cumsum", this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Op.Call("cumprod", this, dim, type);
        public Tensor logcumsumexp(long dim) => Op.Call("logcumsumexp", this, dim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Op.Call("logsumexp", this, dim, keepdim);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Op.Call("softmax.int", this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Op.Call("log_softmax.int", this, dim, dtype);
        public Tensor count_nonzero(long[]? dims = null) =>
            dims is null ? Op.Call("count_nonzero", this) : Op.Call("count_nonzero.dim_IntList", this, dims);
        public Tensor bincount(Tensor? weights, long minlength = 0) => Op.Call("bincount", this, weights, minlength);
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Op.Call("histc", this, bins, min, max);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Op.Call("bucketize.Tensor", this, boundaries, outInt32, right);
        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            Op.Call("diff", this, n, dim, prepend, append);
        public Tensor dist(Tensor other, float p = 2f) => Op.Call("dist", this, other, p);
        public Tensor norm(float p = 2f) => Op.Call("norm.Scalar", this, p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2f) =>
            Op.Call("norm.ScalarOpt_dim", this, p, new long[] { dim }, keepdim);
        public Tensor renorm(float p, long dim, float maxnorm) => Op.Call("renorm", this, p, dim, maxnorm);
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
            Op.Call("cov", this, correction, fweights, aweights);
        public Tensor corrcoef() => Op.Call("corrcoef", this);
        public Tensor trapezoid(double dx = 1, long dim = -1) => Op.Call("trapezoid.dx", this, dx, dim);
        public Tensor trapezoid(Tensor x, long dim = -1) => Op.Call("trapezoid.x", this, x, dim);
        public Tensor std(bool unbiased = true) => Op.Call("std", this, unbiased);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim], unbiased, keepdim, type);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Op.Call("std.dim", this, dimensions, unbiased, keepdim), type);
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(dimensions.ToArray(), unbiased, keepdim, type);
        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public Tensor var(bool unbiased = true) => Op.Call("var", this, unbiased);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim], unbiased, keepdim, type);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Op.Call("var.dim", this, dimensions, unbiased, keepdim), type);
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(dimensions.ToArray(), unbiased, keepdim, type);
        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Op.Call2("std_mean", this, unbiased);
        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std_mean([dim], unbiased, keepdim, type);
        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Op.Call2("std_mean.dim", this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) std_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false,
            ScalarType? type = null) =>
            std_mean(dimensions.ToArray(), unbiased, keepdim, type);
        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public (Tensor std, Tensor mean) std_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false,
            ScalarType? type = null) =>
            std_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => Op.Call2("var_mean", this, unbiased);
        public (Tensor var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var_mean([dim], unbiased, keepdim, type);
        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            As(Op.Call2("var_mean.dim", this, dimensions, unbiased, keepdim), type);
        public (Tensor std, Tensor mean) var_mean(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false,
            ScalarType? type = null) =>
            var_mean(dimensions.ToArray(), unbiased, keepdim, type);
        public (Tensor var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);
        public (Tensor var, Tensor mean) var_mean((long, long, long) dim, bool unbiased = true, bool keepdim = false,
            ScalarType? type = null) =>
            var_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(bool sorted = true, bool return_inverse = false,
            bool return_counts = false, int? dim = null) =>
            Counted(dim is { } d ? Op.Call3("unique_dim", this, d, sorted, return_inverse, return_counts) : Op.Call3("_unique2", this, sorted, return_inverse, return_counts), return_inverse, return_counts);
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(bool return_inverse = false,
            bool return_counts = false, int? dim = null) =>
            Counted(Op.Call3("unique_consecutive", this, return_inverse, return_counts, (long?)dim), return_inverse, return_counts);

        private static Tensor As(Tensor tensor, ScalarType? type) =>
            type is { } wanted && wanted != tensor.dtype ? tensor.to_type(wanted, disposeAfter: true) : tensor;

        private static (Tensor, Tensor) As((Tensor First, Tensor Second) pair, ScalarType? type) =>
            (As(pair.First, type), As(pair.Second, type));

        private static (Tensor output, Tensor? inverse_indices, Tensor? counts) Counted((Tensor, Tensor, Tensor) results, bool inverse, bool counts)
        {
            if (!inverse) results.Item2.Dispose();
            if (!counts) results.Item3.Dispose();
            return (results.Item1, inverse ? results.Item2 : null, counts ? results.Item3 : null);
        }
    }
}
