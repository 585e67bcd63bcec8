namespace TorchSharp;

public static partial class torch
{
    public static unsafe string __version__ => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)Native.lite_version())!;

    public static int get_num_threads() => Threads(0, false);

    public static int get_num_interop_threads() => Threads(0, true);

    public static void set_num_threads(int num) => Threads(Positive(num), false);

    public static void set_num_interop_threads(int num) => Threads(Positive(num), true);

    public static bool cuda_is_available() => cuda.is_available();

    public static class cuda
    {
        public static bool is_available() => device_count() > 0;

        public static unsafe int device_count()
        {
            int count;
            Native.Check(Native.lite_cuda_devices(&count));
            return count;
        }

        public static void synchronize(Device? device = null) => Native.Check(Native.lite_cuda_synchronize(device?.index ?? -1));
    }

    private static int Positive(int num) =>
        num > 0 ? num : throw new ArgumentOutOfRangeException(nameof(num), num, "The number of threads must be at least 1.");

    private static unsafe int Threads(int value, bool betweenOperators)
    {
        int threads;
        Native.Check(Native.lite_threads(value, betweenOperators ? 1 : 0, &threads));
        return threads;
    }
}
