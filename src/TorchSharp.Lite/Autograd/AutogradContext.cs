namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>What a custom function hands from its forward to its backward pass.</summary>
        public class AutogradContext : IDisposable
        {
            private readonly Dictionary<string, object> _data = [];
            private nint _context;

            internal AutogradContext() { }

            public bool MaterializeGrads { get; private set; } = true;

            public void save_data(string key, object value) => _data[key] = value;

            public object get_data(string key) => _data[key];

            public unsafe void save_for_backward(List<Tensor> tensors)
            {
                var handles = Handles(tensors);
                fixed (nint* pointer = handles) Native.Check(Native.lite_save_for_backward(Context, pointer, handles.Length));
                GC.KeepAlive(tensors);
            }

            public unsafe List<Tensor> get_saved_variables()
            {
                const int room = 8;
                var results = stackalloc Value[room];
                var count = 0;
                Native.Check(Native.lite_saved(Context, results, room, &count));
                return [.. Op.WrapAll(results, room, count)];
            }

            public void mark_dirty(List<Tensor> tensors) => Mark(tensors, 1);

            public void mark_non_differentiable(List<Tensor> tensors) => Mark(tensors, 0);

            public void set_materialize_grads(bool value)
            {
                MaterializeGrads = value;
                Native.lite_materialize_grads(Context, value ? 1 : 0);
            }

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing) => _data.Clear();

            /// <summary>Points to libtorch's context while a callback runs; 0 afterwards.</summary>
            internal AutogradContext At(nint context)
            {
                _context = context;
                return this;
            }

            private nint Context => _context != 0 ? _context
                : throw new InvalidOperationException("An autograd context can be used only while its function's forward or backward runs.");

            private unsafe void Mark(List<Tensor> tensors, int dirty)
            {
                var handles = Handles(tensors);
                fixed (nint* pointer = handles) Native.Check(Native.lite_mark(Context, pointer, handles.Length, dirty));
                GC.KeepAlive(tensors);
            }
        }
    }
}
