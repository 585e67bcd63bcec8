namespace TorchSharp;

public static partial class torch
{
    /// <summary>A CPU generator of its own (mt19937); the device is ignored, as TorchSharp does.</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public unsafe Generator(ulong seed = 0, Device? device = null)
        {
            nint handle;
            Native.Check(Native.lite_generator(seed, &handle));
            _handle = handle;
        }

        private Generator(nint handle) => _handle = handle;

        ~Generator() => Dispose(false);

        public static unsafe Generator Default
        {
            get
            {
                nint handle;
                Native.Check(Native.lite_default_generator(&handle));
                return new Generator(handle);
            }
        }

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("The generator is disposed.");

        public Device device => CPU;

        public Generator manual_seed(long seed)
        {
            Seed(1, (ulong)seed);
            return this;
        }

        public long seed() => (long)Seed(2);

        public long initial_seed() => (long)Seed(0);

        public unsafe Tensor get_state()
        {
            nint state;
            Native.Check(Native.lite_generator_state(Handle, &state, 0));
            GC.KeepAlive(this);
            return new Tensor(state);
        }

        public unsafe void set_state(Tensor value)
        {
            var state = value.Handle;
            Native.Check(Native.lite_generator_state(Handle, &state, 1));
            GC.KeepAlive(value);
            GC.KeepAlive(this);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0) Native.lite_free_generator(handle);
        }

        private unsafe ulong Seed(int what, ulong seed = 0)
        {
            Native.Check(Native.lite_generator_seed(Handle, what, &seed));
            GC.KeepAlive(this);
            return seed;
        }
    }

    public static Generator manual_seed(long seed)
    {
        Native.Check(Native.lite_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static long seed()
    {
        using var generator = Generator.Default;
        return generator.seed();
    }

    public static long initial_seed()
    {
        using var generator = Generator.Default;
        return generator.initial_seed();
    }

    public static Tensor get_rng_state()
    {
        using var generator = Generator.Default;
        return generator.get_state();
    }

    public static void set_rng_state(Tensor new_state)
    {
        using var generator = Generator.Default;
        generator.set_state(new_state);
    }

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);
        public static long seed() => torch.seed();
        public static long initial_seed() => torch.initial_seed();
        public static Tensor get_rng_state() => torch.get_rng_state();
        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }
}
