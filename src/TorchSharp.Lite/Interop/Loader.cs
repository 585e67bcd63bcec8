using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace TorchSharp;

/// <summary>
/// Finds and loads the shim, and with it libtorch, at first use. What libtorch's own libraries read from the environment
/// only once, while they are loaded, is set before; values that the user has set stay.
/// </summary>
internal static unsafe partial class Loader
{
    private const string Remedy =
        "Run: apt-get install --no-install-recommends g++ libtorch-dev libopenblas0-openmp, then build again with TorchBackend=lite.";

    private static readonly Lock Gate = new();
    private static nint s_library;

    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(Loader).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library) return 0;
        lock (Gate) return s_library != 0 ? s_library : s_library = Load(FileName(AppContext.BaseDirectory));
    }

    internal static string FileName(string folder) => Path.Combine(folder, $"lib{Native.Library}.so");

    /// <summary>Loads a shim and checks it, or throws one exception that says what is wrong and what to run.</summary>
    internal static nint Load(string file)
    {
        if (!OperatingSystem.IsLinux())
            throw new DllNotFoundException("TorchSharp.Lite runs on Linux only. Build with TorchBackend=package to use the TorchSharp packages.");
        if (!File.Exists(file)) throw new DllNotFoundException($"TorchSharp.Lite's native shim is missing: {file}. {Remedy}");
        PrepareEnvironment();
        nint library;
        try { library = NativeLibrary.Load(file); }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException($"libtorch cannot be loaded, or is not the version that the shim {file} was compiled for. {Remedy} ({e.Message})", e);
        }
        CheckExports(library, file);
        var loadCuda = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(library, nameof(Native.lite_load_cuda));
        fixed (byte* cuda = "libtorch_cuda.so"u8) loadCuda(cuda);
        return library;
    }

    private static void CheckExports(nint library, string file)
    {
        foreach (var method in typeof(Native).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            if (method.Name.StartsWith("lite_", StringComparison.Ordinal) && !NativeLibrary.TryGetExport(library, method.Name, out _))
                throw new EntryPointNotFoundException($"The shim {file} has no {method.Name}: it belongs to another build. Build again with TorchBackend=lite.");
    }

    /// <summary>
    /// OpenBLAS does not know newer processors and then takes its slowest kernel; spinning OpenMP threads slow down fivefold beside any other process.
    /// </summary>
    private static void PrepareEnvironment()
    {
        if (X86Base.IsSupported && Avx512F.IsSupported) setenv("OPENBLAS_CORETYPE", "SkylakeX", 0);
        else if (X86Base.IsSupported && Avx2.IsSupported) setenv("OPENBLAS_CORETYPE", "Haswell", 0);
        setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
    }

    // Environment.SetEnvironmentVariable does not reach getenv.
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
