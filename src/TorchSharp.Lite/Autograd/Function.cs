namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        /// <summary>A differentiable function with its own gradient. Only the two subclasses below can be derived from.</summary>
        public abstract class Function<T> where T : Function<T>, new()
        {
            protected Function() { }

            public abstract string Name { get; }

            public static List<Tensor> apply_internal(params object[] vars)
            {
                var inputs = new List<Tensor>(vars.Length);
                foreach (var item in vars)
                    if (item is Tensor tensor) inputs.Add(tensor);
                return [.. ManagedFunctions.Apply(new Call(new T(), vars), [.. inputs])];
            }

            internal abstract IReadOnlyList<Tensor> Forward(AutogradContext ctx, object[] vars);

            internal abstract List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients);

            /// <summary>One application; of the arguments only their kinds are kept for the backward pass.</summary>
            private sealed class Call(T function, object[] vars) : IManagedFunction
            {
                private readonly bool[] _isTensor = Array.ConvertAll(vars, item => item is Tensor);
                private object[]? _vars = vars;

                public IReadOnlyList<Tensor> Forward(AutogradContext context)
                {
                    var arguments = _vars!;
                    _vars = null;
                    return function.Forward(context, arguments);
                }

                public IReadOnlyList<Tensor?> Backward(AutogradContext context, List<Tensor> gradients)
                {
                    var results = function.Backward(context, gradients);
                    if (results.Count != _isTensor.Length)
                        throw new InvalidOperationException(
                            $"{function.Name}.backward returned {results.Count} gradients; it must return one per argument of apply: {_isTensor.Length}.");
                    var kept = new List<Tensor?>(results.Count);
                    for (var i = 0; i < _isTensor.Length; i++)
                        if (_isTensor[i]) kept.Add(results[i]);
                    return kept;
                }
            }
        }

        /// <summary>A function with one output.</summary>
        public abstract class SingleTensorFunction<T> : Function<T> where T : SingleTensorFunction<T>, new()
        {
            protected SingleTensorFunction() { }

            public static Tensor apply(params object[] vars) => apply_internal(vars)[0];

            public abstract Tensor forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, Tensor grad_output);

            internal sealed override IReadOnlyList<Tensor> Forward(AutogradContext ctx, object[] vars) => [forward(ctx, vars)];

            internal sealed override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients[0]);
        }

        /// <summary>A function with several outputs.</summary>
        public abstract class MultiTensorFunction<T> : Function<T> where T : MultiTensorFunction<T>, new()
        {
            protected MultiTensorFunction() { }

            public static List<Tensor> apply(params object[] vars) => apply_internal(vars);

            public abstract List<Tensor> forward(AutogradContext ctx, params object[] vars);

            public abstract List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs);

            internal sealed override IReadOnlyList<Tensor> Forward(AutogradContext ctx, object[] vars) => forward(ctx, vars);

            internal sealed override List<Tensor> Backward(AutogradContext ctx, List<Tensor> gradients) => backward(ctx, gradients);
        }
    }
}
