namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // Tensors of another shape with the dtype and device of this one.
        public Tensor new_zeros(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_zeros", size.ToArray(), dtype, device, requires_grad);
        public Tensor new_zeros(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_zeros", [dim0, dim1, dim2, dim3], dtype, device, requires_grad);
        public Tensor new_zeros(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_zeros", [dim0, dim1, dim2], dtype, device, requires_grad);
        public Tensor new_zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_zeros", [rows, columns], dtype, device, requires_grad);
        public Tensor new_zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_zeros", [size], dtype, device, requires_grad);
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_zeros", size, dtype, device, requires_grad);
        public Tensor new_ones(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_ones", [dim0, dim1, dim2, dim3], dtype, device, requires_grad);
        public Tensor new_ones(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_ones", [dim0, dim1, dim2], dtype, device, requires_grad);
        public Tensor new_ones(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_ones", [rows, columns], dtype, device, requires_grad);
        public Tensor new_ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_ones", [size], dtype, device, requires_grad);
        public Tensor new_empty(ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_empty", size.ToArray(), dtype, device, requires_grad);
        public Tensor new_empty(long dim0, long dim1, long dim2, long dim3, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_empty", [dim0, dim1, dim2, dim3], dtype, device, requires_grad);
        public Tensor new_empty(long dim0, long dim1, long dim2, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_empty", [dim0, dim1, dim2], dtype, device, requires_grad);
        public Tensor new_empty(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_empty", [rows, columns], dtype, device, requires_grad);
        public Tensor new_empty(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_empty", [size], dtype, device, requires_grad);
        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_empty", size, dtype, device, requires_grad);
        public Tensor new_full(ReadOnlySpan<long> size, Scalar value, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_full", size.ToArray(), value, dtype, device, requires_grad);
        public Tensor new_full(long dim0, long dim1, long dim2, Scalar value, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_full", [dim0, dim1, dim2], value, dtype, device, requires_grad);
        public Tensor new_full(long dim0, long dim1, long dim2, long dim3, Scalar value, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_full", [dim0, dim1, dim2, dim3], value, dtype, device, requires_grad);
        public Tensor new_full(long rows, long columns, Scalar value, ScalarType? dtype = null, Device? device = null,
            bool requires_grad = false) =>
            New("new_full", [rows, columns], value, dtype, device, requires_grad);
        public Tensor new_full(long size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_full", [size], value, dtype, device, requires_grad);
        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            New("new_full", size, value, dtype, device, requires_grad);

        private Tensor New(string name, long[] size, ScalarType? dtype, Device? device, bool requiresGrad) =>
            Finish(Op.Call(name, this, size, dtype, Arg.None, device), requiresGrad);

        private Tensor New(string name, long[] size, Scalar value, ScalarType? dtype, Device? device, bool requiresGrad) =>
            Finish(Op.Call(name, this, size, value, dtype, Arg.None, device), requiresGrad);
    }
}
