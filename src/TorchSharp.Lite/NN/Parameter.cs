using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    // A tensor that a module trains. It takes the handle of `data` and its place in a dispose scope: `data` is empty afterwards.
    public class Parameter : torch.Tensor
    {
        public Parameter(torch.Tensor data, bool requires_grad = true) : this(Take(data, requires_grad, out var scope), scope)
        {
        }

        private Parameter(nint handle, DisposeScope? scope) : base(handle)
        {
            if (scope is null) DetachFromDisposeScope();
            else MoveToOtherDisposeScope(scope);
        }

        private static nint Take(torch.Tensor data, bool requires_grad, out DisposeScope? scope)
        {
            scope = data.OwningDisposeScope;
            data.requires_grad = requires_grad;
            return data.DecoupleFromNativeHandle();
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);
        }
    }
}
