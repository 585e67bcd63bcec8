namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Put(value, indices);
        }

        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Put(value, [i1]);
        }

        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Put(value, [i1, i2]);
        }

        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Put(value, [i1, i2, i3]);
        }

        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Put(value, [i1, i2, i3, i4]);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Put(value, [i1, i2, i3, i4, i5]);
        }

        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Put(value, [i1, i2, i3, i4, i5, i6]);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            var view = View(indices, out var advanced);
            if (advanced is null) return view;
            using (view) return Op.Call("index.Tensor", view, advanced);
        }

        public Tensor index(params Tensor[] indices) => Op.Call("index.Tensor", this, indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using var view = View(indices, out var advanced);
            if (advanced is not null) Op.Run("index_put_", view, advanced, value, accumulate);
            else if (accumulate) view.add_(value);
            else view.copy_(value);
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Op.InPlace("index_put_", this, indices, value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var tensor = full([], value, dtype, device);
            return index_put_(tensor, indices, false);
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices)
        {
            using var tensor = full([], value, dtype, device);
            return index_put_(tensor, indices, false);
        }

        private Tensor At(long[] indices)
        {
            var result = select(0, indices[0]);
            for (var i = 1; i < indices.Length; i++)
            {
                var next = result.select(0, indices[i]);
                result.Dispose();
                result = next;
            }
            return result;
        }

        // TorchSharp takes the only element of the value.
        private void Put(Tensor value, long[] indices)
        {
            using var place = At(indices);
            place.fill_(value.ToScalar());
        }

        /// <summary>Applies all that gives a view; what is left are index tensors, one per dimension, null for a whole dimension.</summary>
        private Tensor View(TensorIndex[] indices, out Tensor?[]? advanced)
        {
            var used = 0L;
            foreach (var entry in indices) used += Consumed(entry);
            var view = Share();
            var tensors = new List<Tensor?>();
            var found = false;
            foreach (var entry in indices)
            {
                if (entry.Kind == TensorIndex.Entry.Tensor)
                {
                    tensors.Add(entry.Indices);
                    found = true;
                    continue;
                }
                if (entry.Kind == TensorIndex.Entry.Ellipsis)
                {
                    for (var i = used; i < dim(); i++) tensors.Add(null);
                    continue;
                }
                var next = Step(view, entry, tensors.Count);
                view.Dispose();
                view = next;
                if (entry.Kind != TensorIndex.Entry.Single) tensors.Add(null);
                if (entry.Kind == TensorIndex.Entry.Bool)
                {
                    tensors[^1] = tensor(new[] { entry.Start != 0 }, device: device);
                    found = true;
                }
            }
            advanced = found ? [.. tensors] : null;
            return view;
        }

        // How many dimensions of the tensor an entry consumes.
        private static long Consumed(TensorIndex entry) => entry.Kind switch
        {
            TensorIndex.Entry.Single or TensorIndex.Entry.Slice => 1,
            TensorIndex.Entry.Tensor => entry.Indices!.dtype is ScalarType.Bool or ScalarType.Byte ? entry.Indices.dim() : 1,
            _ => 0,
        };

        private static Tensor Step(Tensor view, TensorIndex entry, long dim) => entry.Kind switch
        {
            TensorIndex.Entry.Single => view.select(dim, entry.Start!.Value),
            TensorIndex.Entry.Slice => Op.Call("slice.Tensor", view, dim, entry.Start, entry.Stop, entry.Step ?? 1),
            _ => view.unsqueeze(dim),
        };
    }
}
