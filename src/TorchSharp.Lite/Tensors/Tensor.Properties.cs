namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public string? name { get; set; }

        public ScalarType dtype => (ScalarType)Describe().Dtype;

        public DeviceType device_type => (DeviceType)Describe().DeviceType;

        public int device_index => Describe().DeviceIndex;

        /// <summary>A new object each time: devices are compared by type and index.</summary>
        public Device device
        {
            get
            {
                var info = Describe();
                return new Device((DeviceType)info.DeviceType, info.DeviceIndex);
            }
        }

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Describe().IsSparse != 0;

        public bool is_leaf => Describe().IsLeaf != 0;

        public long Dimensions => Describe().Dim;

        public long ndim => Describe().Dim;

        public long NumberOfElements => Describe().Count;

        public long ElementSize => Describe().ItemSize;

        public unsafe long[] shape
        {
            get
            {
                var info = Describe();
                var sizes = new ReadOnlySpan<long>(info.Sizes, (int)info.Dim).ToArray();
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public bool requires_grad
        {
            get => Describe().RequiresGrad != 0;
            set
            {
                Native.Check(Native.lite_requires_grad(Handle, value ? 1 : 0));
                GC.KeepAlive(this);
            }
        }

        /// <summary>The gradient, a new wrapper at each call; null when there is none.</summary>
        public unsafe Tensor? grad
        {
            get
            {
                nint grad;
                Native.Check(Native.lite_get_grad(Handle, &grad));
                GC.KeepAlive(this);
                return grad == 0 ? null : new Tensor(grad);
            }
            set
            {
                Native.Check(Native.lite_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(value);
                GC.KeepAlive(this);
            }
        }

        public long dim() => Describe().Dim;

        public long numel() => Describe().Count;

        public long element_size() => Describe().ItemSize;

        public long storage_offset() => Describe().Offset;

        public long[] size() => shape;

        public unsafe long size(int dim)
        {
            var info = Describe();
            var size = info.Sizes[Wrap(dim, info.Dim)];
            GC.KeepAlive(this);
            return size;
        }

        public unsafe long[] stride()
        {
            var info = Describe();
            var strides = new ReadOnlySpan<long>(info.Strides, (int)info.Dim).ToArray();
            GC.KeepAlive(this);
            return strides;
        }

        public unsafe long stride(int dim)
        {
            var info = Describe();
            var stride = info.Strides[Wrap(dim, info.Dim)];
            GC.KeepAlive(this);
            return stride;
        }

        public bool is_contiguous() => Describe().IsContiguous != 0;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_nonzero() => Op.CallValue("is_nonzero", this).Bits != 0;

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            Native.Check(Native.lite_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        public override int GetHashCode() => base.GetHashCode();

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether shape and every element are the same.</summary>
        public bool Equals(Tensor target) =>
            ReferenceEquals(this, target) || (target is not null && Op.CallValue("equal", this, target).Bits != 0);

        internal unsafe Info Describe()
        {
            Info info;
            Native.Check(Native.lite_info(Handle, &info));
            GC.KeepAlive(this);
            return info;
        }

        private static long Wrap(int dim, long dims) => dim >= -dims && dim < dims ? (dim < 0 ? dim + dims : dim)
            : throw new IndexOutOfRangeException($"Dimension {dim} is out of range: the tensor has {dims}.");
    }

    public static long numel(Tensor input) => input.numel();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_complex(Tensor input) => input.is_complex();

    public static bool is_integral(Tensor t) => t.is_integral();

    public static bool is_nonzero(Tensor input) => input.is_nonzero();
}
