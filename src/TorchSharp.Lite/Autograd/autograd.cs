namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public void backward() => Backward([this], null, false, false, null);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false,
            IList<Tensor>? inputs = null) =>
            Backward([this], grad_tensors, retain_graph, create_graph, inputs);
    }

    public static partial class autograd
    {
        public static unsafe IList<Tensor> grad(IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor>? grad_outputs = null,
            bool retain_graph = false, bool create_graph = false, bool allow_unused = false)
        {
            nint[] from = Handles(outputs), to = Handles(inputs), seeds = Handles(grad_outputs);
            var results = new Value[inputs.Count];
            int status;
            fixed (nint* a = from, b = to, c = seeds)
            fixed (Value* r = results)
                status = Native.lite_grad(a, from.Length, b, to.Length, c, seeds.Length, retain_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, r);
            KeepAlive(outputs);
            KeepAlive(inputs);
            KeepAlive(grad_outputs);
            Native.Check(status);
            var gradients = new Tensor[results.Length];
            for (var i = 0; i < results.Length; i++) gradients[i] = Op.Wrap(results[i]);
            return gradients;
        }

        public static void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor>? inputs = null) => Backward(tensors, grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor>? inputs = null) => Backward([tensor], grad_tensors, retain_graph ?? create_graph, create_graph, inputs);

        public static void backward(Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor>? inputs = null) => Backward([tensor], [grad_tensor], retain_graph ?? create_graph, create_graph, inputs);
    }

    internal static nint[] Handles(IList<Tensor>? tensors)
    {
        if (tensors is null) return [];
        var handles = new nint[tensors.Count];
        for (var i = 0; i < handles.Length; i++) handles[i] = tensors[i] is null || tensors[i].IsInvalid ? 0 : tensors[i].Handle;
        return handles;
    }

    /// <summary>The elements too: an array cannot be collected before its elements while it is held.</summary>
    internal static void KeepAlive(object? list) => GC.KeepAlive(list);

    private static unsafe void Backward(IList<Tensor> tensors, IList<Tensor>? gradients, bool retain, bool create, IList<Tensor>? inputs)
    {
        nint[] from = Handles(tensors), seeds = Handles(gradients), to = Handles(inputs);
        int status;
        fixed (nint* a = from, b = seeds, c = to)
            status = Native.lite_backward(a, from.Length, b, seeds.Length, c, to.Length, retain ? 1 : 0, create ? 1 : 0);
        KeepAlive(tensors);
        KeepAlive(gradients);
        KeepAlive(inputs);
        Native.Check(status);
    }
}
