using System.Runtime.CompilerServices;

namespace TorchSharp;

/// <summary>
/// Calls libtorch's operators by name: "conv2d" is aten::conv2d, "add.Tensor" its overload. The handle of each name is looked up once.
/// </summary>
internal static unsafe class Op
{
    private const int Room = 16;

    private static readonly Lock Gate = new();
    private static volatile Dictionary<string, nint> s_operators = [];

    /// <summary>An operator with one result.</summary>
    internal static torch.Tensor Call(string name, params ReadOnlySpan<Arg> args)
    {
        Value result;
        Invoke(name, args, &result, 1);
        return Wrap(result);
    }

    internal static (torch.Tensor, torch.Tensor) Call2(string name, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[2];
        Invoke(name, args, results, 2);
        return (Wrap(results[0]), Wrap(results[1]));
    }

    internal static (torch.Tensor, torch.Tensor, torch.Tensor) Call3(string name, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[3];
        Invoke(name, args, results, 3);
        return (Wrap(results[0]), Wrap(results[1]), Wrap(results[2]));
    }

    /// <summary>An operator that returns a list of tensors.</summary>
    internal static torch.Tensor[] CallList(string name, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc Value[Room];
        return WrapAll(results, Room, Invoke(name, args, results, Room));
    }

    /// <summary>An operator that returns a number or a truth value.</summary>
    internal static Value CallValue(string name, params ReadOnlySpan<Arg> args)
    {
        Value result;
        Invoke(name, args, &result, 1);
        return result;
    }

    /// <summary>Drops the result: for operators that change an argument.</summary>
    internal static void Run(string name, params ReadOnlySpan<Arg> args) => Invoke(name, args, null, 0);

    /// <summary>Changes the first argument and returns it.</summary>
    internal static torch.Tensor InPlace(string name, params ReadOnlySpan<Arg> args)
    {
        Invoke(name, args, null, 0);
        return Unsafe.As<torch.Tensor>(args[0].Reference!);
    }

    /// <summary>Whether libtorch has an operator of this name.</summary>
    internal static void Require(string name) => Find(name);

    internal static torch.Tensor Wrap(in Value value) => new((nint)value.Bits, value.Size);

    internal static torch.Tensor[] WrapAll(Value* results, int capacity, int count)
    {
        var tensors = new torch.Tensor[count];
        for (var i = 0; i < Math.Min(count, capacity); i++) tensors[i] = Wrap(results[i]);
        if (count <= capacity) return tensors;
        var rest = new Value[count - capacity];
        fixed (Value* pointer = rest) Native.lite_overflow(pointer);
        for (var i = capacity; i < count; i++) tensors[i] = Wrap(rest[i - capacity]);
        return tensors;
    }

    [SkipLocalsInit]
    private static int Invoke(string name, ReadOnlySpan<Arg> args, Value* results, int capacity)
    {
        const int scratchWords = 64;
        var op = Find(name);
        var words = 0;
        foreach (ref readonly var arg in args) words += arg.Words;
        var values = stackalloc Value[args.Length];
        var near = stackalloc long[scratchWords];
        var far = words > scratchWords ? GC.AllocateUninitializedArray<long>(words, pinned: true) : null;
        var scratch = far is null ? near : (long*)Unsafe.AsPointer(ref far[0]);
        for (var i = 0; i < args.Length; i++) scratch = args[i].Write(values + i, scratch);
        int returned;
        var status = Native.lite_call(op, values, args.Length, results, capacity, &returned);
        foreach (ref readonly var arg in args) arg.KeepAlive();
        GC.KeepAlive(far);
        Native.Check(status);
        return capacity == 0 ? 0 : returned;
    }

    private static nint Find(string name) => s_operators.TryGetValue(name, out var op) ? op : Add(name);

    private static nint Add(string name)
    {
        lock (Gate)
        {
            if (s_operators.TryGetValue(name, out var known)) return known;
            var dot = name.IndexOf('.');
            nint op;
            Native.Check(Native.lite_operator("aten::" + (dot < 0 ? name : name[..dot]), dot < 0 ? "" : name[(dot + 1)..], &op));
            s_operators = new Dictionary<string, nint>(s_operators) { [name] = op };
            return op;
        }
    }
}
