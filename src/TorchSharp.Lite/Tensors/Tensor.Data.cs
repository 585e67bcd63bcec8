namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The memory of a contiguous tensor on the CPU.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                if (!is_contiguous()) throw new InvalidOperationException("bytes of a tensor that is not contiguous: call contiguous() first.");
                var info = Describe();
                return new Span<byte>((void*)DataPointer(), checked((int)(info.Count * info.ItemSize)));
            }
            set
            {
                var memory = bytes;
                if (value.Length > memory.Length)
                    throw new ArgumentException($"{value.Length} bytes do not fit into the {memory.Length} bytes of the tensor.", nameof(value));
                value.CopyTo(memory);
            }
        }

        /// <summary>The elements in row-major order; of a tensor on another device, those of a copy.</summary>
        public Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            RequireType<T>();
            return new Utils.TensorAccessor<T>(is_cpu() ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            return data<T>()[0];
        }

        /// <summary>The only element, whatever its dtype.</summary>
        public Scalar ToScalar()
        {
            var value = Op.CallValue("item", this);
            var type = dtype;
            return value.Tag == Tag.Double ? new Scalar(value.Real, type) : new Scalar(value.Bits, type);
        }

        public T ReadCpuValue<T>(long i) where T : unmanaged => data<T>()[i];

        public bool ReadCpuBool(long i) => data<bool>()[i];

        public byte ReadCpuByte(long i) => data<byte>()[i];

        public short ReadCpuInt16(long i) => data<short>()[i];

        public int ReadCpuInt32(long i) => data<int>()[i];

        public long ReadCpuInt64(long i) => data<long>()[i];

        public float ReadCpuSingle(long i) => data<float>()[i];

        public double ReadCpuDouble(long i) => data<double>()[i];

        internal unsafe nint DataPointer()
        {
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            nint pointer;
            Native.Check(Native.lite_data(Handle, &pointer));
            return pointer;
        }

        // Another wrapper of the same libtorch tensor.
        private Tensor Share()
        {
            var handle = Native.lite_share(Handle);
            GC.KeepAlive(this);
            return new Tensor(handle);
        }

        private void RequireType<T>()
        {
            var wanted = dtype switch
            {
                ScalarType.Byte => typeof(byte),
                ScalarType.Int8 => typeof(sbyte),
                ScalarType.Int16 => typeof(short),
                ScalarType.Int32 => typeof(int),
                ScalarType.Int64 => typeof(long),
                ScalarType.Float16 => typeof(Half),
                ScalarType.Float32 => typeof(float),
                ScalarType.Float64 => typeof(double),
                ScalarType.Bool => typeof(bool),
                _ => null,
            };
            if (wanted != typeof(T)) throw new ArgumentException($"{typeof(T).Name} is not compatible with {dtype}");
        }
    }
}
