using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What an autograd node calls back: a forward and a backward written in C#.</summary>
internal interface IManagedFunction
{
    /// <summary>Computes the outputs.</summary>
    IReadOnlyList<torch.Tensor> Forward(torch.autograd.AutogradContext context);

    /// <summary>Computes one gradient per tensor input, null for none.</summary>
    IReadOnlyList<torch.Tensor?> Backward(torch.autograd.AutogradContext context, List<torch.Tensor> gradients);
}

/// <summary>
/// The bridge between libtorch's custom functions and <see cref="IManagedFunction"/>. An exception in a callback travels as a text
/// through libtorch and is thrown again, itself, where the native call returns.
/// </summary>
internal static unsafe class ManagedFunctions
{
    [ThreadStatic] private static ExceptionDispatchInfo? s_pending;

    private static readonly Lazy<bool> Registered = new(() =>
    {
        Native.lite_set_callbacks(new Callbacks { Forward = &Forward, Backward = &Backward, Release = &Release });
        return true;
    });

    internal static void RethrowPending()
    {
        var pending = s_pending;
        s_pending = null;
        pending?.Throw();
    }

    /// <summary>Runs the forward pass and, where an input requires a gradient, ties the outputs to the backward pass.</summary>
    internal static torch.Tensor[] Apply(IManagedFunction function, torch.Tensor[] inputs)
    {
        const int room = 8;
        _ = Registered.Value;
        var state = new State(function);
        var handle = GCHandle.Alloc(state);
        var handles = torch.Handles(inputs);
        var results = stackalloc Value[room];
        var count = 0;
        int status;
        fixed (nint* pointer = handles)
            status = Native.lite_apply((long)GCHandle.ToIntPtr(handle), pointer, handles.Length, results, room, &count);
        if (!state.Entered) handle.Free();
        GC.KeepAlive(inputs);
        GC.KeepAlive(state.Outputs);
        state.Outputs = null;
        Native.Check(status);
        return Op.WrapAll(results, room, count);
    }

    [UnmanagedCallersOnly]
    private static int Forward(long handle, nint context)
    {
        var state = (State)GCHandle.FromIntPtr((nint)handle).Target!;
        state.Entered = true;
        try
        {
            state.Outputs = state.Function.Forward(state.Context.At(context));
            foreach (var output in state.Outputs) Native.lite_push(output.Handle);
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
        finally
        {
            state.Context.At(0);
        }
    }

    [UnmanagedCallersOnly]
    private static int Backward(long handle, nint context, nint* gradients, int count)
    {
        var state = (State)GCHandle.FromIntPtr((nint)handle).Target!;
        using var scope = torch.NewDisposeScope();
        try
        {
            var list = new List<torch.Tensor>(count);
            for (var i = 0; i < count; i++) list.Add(new torch.Tensor(gradients[i]));
            foreach (var gradient in state.Function.Backward(state.Context.At(context), list))
                Native.lite_push(gradient is null || gradient.IsInvalid ? 0 : gradient.Handle);
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
        finally
        {
            state.Context.At(0);
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(long handle)
    {
        var owner = GCHandle.FromIntPtr((nint)handle);
        ((State)owner.Target!).Context.Dispose();
        owner.Free();
    }

    private static int Fail(Exception e)
    {
        s_pending = ExceptionDispatchInfo.Capture(e);
        Native.lite_fail(e.Message);
        return 1;
    }

    private sealed class State(IManagedFunction function)
    {
        internal IManagedFunction Function { get; } = function;
        internal torch.autograd.AutogradContext Context { get; } = new();
        internal bool Entered { get; set; }
        internal IReadOnlyList<torch.Tensor>? Outputs { get; set; }
    }
}
