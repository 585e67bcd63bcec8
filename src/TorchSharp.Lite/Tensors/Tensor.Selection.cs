namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        // Gathering, scattering and masking.
        public Tensor gather(long dim, Tensor index) => Op.Call("gather", this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Op.Call("scatter.src", this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Op.InPlace("scatter_.src", this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Op.Call("scatter_add", this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Op.InPlace("scatter_add_", this, dim, index, src);
        public Tensor index_select(long dim, Tensor index) => Op.Call("index_select", this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Op.Call("index_add", this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Op.InPlace("index_add_", this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Op.Call("index_copy", this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Op.InPlace("index_copy_", this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Op.Call("index_fill.int_Scalar", this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Op.InPlace("index_fill_.int_Scalar", this, dim, index, value);
        public Tensor masked_fill(Tensor mask, Scalar value) => Op.Call("masked_fill.Scalar", this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Op.InPlace("masked_fill_.Scalar", this, mask, value);
        public Tensor masked_scatter(Tensor mask, Tensor value) => Op.Call("masked_scatter", this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Op.InPlace("masked_scatter_", this, mask, value);
        public Tensor masked_select(Tensor mask) => Op.Call("masked_select", this, mask);
        public Tensor select_scatter(Tensor src, long dim, long index) => Op.Call("select_scatter", this, src, dim, index);
        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
            Op.Call("slice_scatter", this, src, dim, start, end, step);
        public Tensor diagonal_scatter(Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
            Op.Call("diagonal_scatter", this, src, offset, dim1, dim2);
        public Tensor take(Tensor index) => Op.Call("take", this, index);
        public Tensor take_along_dim(Tensor indices) => Op.Call("take_along_dim", this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Op.Call("take_along_dim", this, indices, dim);
        public Tensor take_along_dim(IEnumerable<long> indices) => Taken(indices, null);
        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => Taken(indices, dim);
        public Tensor nonzero() => Op.Call("nonzero", this);

        private Tensor Taken(IEnumerable<long> indices, long? dim)
        {
            using var index = tensor([.. indices], device: device);
            return Op.Call("take_along_dim", this, index, dim);
        }
    }
}
