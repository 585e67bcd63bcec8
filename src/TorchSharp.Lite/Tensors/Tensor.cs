using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Owns one reference to a libtorch tensor.</summary>
    public partial class Tensor : IDisposable
    {
        private static long s_total;
        private static long s_peak;

        private nint _handle;
        private int _kib;

        /// <summary>Takes over a handle; 0 gives an invalid tensor.</summary>
        internal Tensor(nint handle) : this(handle, 0) { }

        /// <param name="handle">The handle to take over.</param>
        /// <param name="kib">The size of its storage when nobody else holds that storage, else 0.</param>
        internal Tensor(nint handle, int kib)
        {
            if (handle == 0)
            {
                GC.SuppressFinalize(this);
                return;
            }
            _handle = handle;
            _kib = kib + 1;
            Register();
        }

        ~Tensor() => Dispose(false);

        public static long TotalCount => Interlocked.Read(ref s_total);

        public static long PeakCount => Interlocked.Read(ref s_peak);

        public static Tensor UnsafeCreateTensor(nint handle) => new(handle);

        public nint Handle
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                var handle = _handle;
                if (handle == 0) ThrowInvalid();
                return handle;
            }
        }

        public bool IsInvalid => _handle == 0;

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal int ScopeSlot { get; set; }

        public void Dispose()
        {
            if (_handle == 0) return;
            Unregister();
            Release();
        }

        /// <summary>Gives the handle away; the tensor is invalid afterwards.</summary>
        public nint DecoupleFromNativeHandle()
        {
            var handle = Handle;
            Unregister();
            GC.SuppressFinalize(this);
            _handle = 0;
            Forget();
            return handle;
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is { } owner) owner.MoveToOther(other, this);
            else other?.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        internal void Release()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            Native.lite_free(handle);
            Forget();
        }

        [DoesNotReturn]
        private static void ThrowInvalid() => throw new InvalidOperationException("Tensor invalid -- empty handle.");

        private void Register()
        {
            var total = Interlocked.Increment(ref s_total);
            if (total > s_peak) s_peak = total;
            NativeMemory.Add(_kib);
            var manager = DisposeScopeManager.Current;
            if (manager.Innermost is { } scope)
            {
                manager.Counts.CreatedInScopeCount++;
                scope.Add(this);
            }
            else manager.Counts.CreatedOutsideScopeCount++;
        }

        // Another thread's scope keeps its entry and counts it when it ends.
        private void Unregister()
        {
            if (OwningDisposeScope is not { } scope) DisposeScopeManager.Current.Counts.DisposedOutsideScopeCount++;
            else if (scope.IsOwnThread) scope.MarkAsDisposed(this);
        }

        private void Forget()
        {
            NativeMemory.Remove(_kib);
            Interlocked.Decrement(ref s_total);
        }
    }

    public static DisposeScope NewDisposeScope() => new(DisposeScopeManager.Current);

    public static DisposeScope? CurrentDisposeScope => DisposeScopeManager.Current.Innermost;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
