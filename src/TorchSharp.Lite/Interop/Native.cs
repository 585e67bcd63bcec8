using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One argument or result of an operator; the layout of native/shim.cpp's Value.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Value
{
    internal Tag Tag;
    internal int Size;
    internal long Bits;

    internal readonly double Real => BitConverter.Int64BitsToDouble(Bits);
}

internal enum Tag { None, Tensor, Int, Double, Bool, String, Device, Generator, IntList, DoubleList, BoolList, TensorList, Default }

/// <summary>What a tensor is; the layout of native/shim.cpp's Info.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Info
{
    internal long* Sizes;
    internal long* Strides;
    internal long Dim, Count, Offset;
    internal int Dtype, ItemSize, DeviceType, DeviceIndex;
    internal int RequiresGrad, IsLeaf, IsContiguous, IsSparse;
}

[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Callbacks
{
    internal delegate* unmanaged<long, nint, int> Forward;
    internal delegate* unmanaged<long, nint, nint*, int, int> Backward;
    internal delegate* unmanaged<long, void> Release;
}

/// <summary>The exports of native/shim.cpp. Those that return int return 0, or 1 and leave a text behind (see <see cref="Check"/>).</summary>
internal static unsafe partial class Native
{
    internal const string Library = "TorchSharpLite";

    static Native() => Loader.Register();

    [LibraryImport(Library)] internal static partial byte* lite_error();
    [LibraryImport(Library)] internal static partial byte* lite_version();
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial void lite_fail(string text);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int lite_load_cuda(string path);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)] internal static partial int lite_operator(string name, string overload, nint* op);
    [LibraryImport(Library)] internal static partial int lite_call(nint op, Value* args, int count, Value* results, int capacity, int* returned);
    [LibraryImport(Library)] internal static partial void lite_overflow(Value* results);
    [LibraryImport(Library)] internal static partial void lite_free(nint tensor);
    [LibraryImport(Library)] internal static partial nint lite_share(nint tensor);
    [LibraryImport(Library)] internal static partial int lite_info(nint tensor, Info* info);
    [LibraryImport(Library)] internal static partial int lite_data(nint tensor, nint* data);
    [LibraryImport(Library)] internal static partial int lite_requires_grad(nint tensor, int value);
    [LibraryImport(Library)] internal static partial int lite_retain_grad(nint tensor);
    [LibraryImport(Library)] internal static partial int lite_get_grad(nint tensor, nint* grad);
    [LibraryImport(Library)] internal static partial int lite_set_grad(nint tensor, nint grad);
    [LibraryImport(Library)] internal static partial int lite_grad_mode(int value);

    [LibraryImport(Library)]
    internal static partial int lite_backward(nint* tensors, int count, nint* grads, int gradCount, nint* inputs, int inputCount, int retain, int create);

    [LibraryImport(Library)]
    internal static partial int lite_grad(nint* outputs, int count, nint* inputs, int inputCount, nint* grads, int gradCount,
        int retain, int create, int allowUnused, Value* results);

    [LibraryImport(Library)] internal static partial void lite_set_callbacks(Callbacks table);
    [LibraryImport(Library)] internal static partial void lite_push(nint tensor);
    [LibraryImport(Library)] internal static partial int lite_apply(long state, nint* inputs, int count, Value* results, int capacity, int* returned);
    [LibraryImport(Library)] internal static partial int lite_save_for_backward(nint context, nint* tensors, int count);
    [LibraryImport(Library)] internal static partial int lite_saved(nint context, Value* results, int capacity, int* returned);
    [LibraryImport(Library)] internal static partial int lite_mark(nint context, nint* tensors, int count, int dirty);
    [LibraryImport(Library)] internal static partial void lite_materialize_grads(nint context, int value);

    [LibraryImport(Library)] internal static partial int lite_generator(ulong seed, nint* generator);
    [LibraryImport(Library)] internal static partial int lite_default_generator(nint* generator);
    [LibraryImport(Library)] internal static partial void lite_free_generator(nint generator);
    [LibraryImport(Library)] internal static partial int lite_generator_seed(nint generator, int what, ulong* seed);
    [LibraryImport(Library)] internal static partial int lite_generator_state(nint generator, nint* state, int set);
    [LibraryImport(Library)] internal static partial int lite_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int lite_threads(int value, int betweenOperators, int* threads);
    [LibraryImport(Library)] internal static partial int lite_cuda_devices(int* count);
    [LibraryImport(Library)] internal static partial int lite_cuda_synchronize(int index);

    internal static void Check(int status)
    {
        if (status != 0) Throw();
    }

    private static void Throw()
    {
        ManagedFunctions.RethrowPending();
        throw new ExternalException(Marshal.PtrToStringUTF8((nint)lite_error()));
    }
}
