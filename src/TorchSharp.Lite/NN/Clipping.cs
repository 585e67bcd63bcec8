using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            // Scales all gradients together so that their common norm is at most max_norm; returns the norm before.
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var untracked = no_grad();
                using var scope = NewDisposeScope();
                var gradients = tensors.Select(tensor => tensor.grad).OfType<Tensor>().ToArray();
                if (gradients.Length == 0) return 0;
                var norms = gradients.Select(gradient => Op.Call("norm.Scalar", gradient, norm_type)).ToArray();
                var total = Op.Call("norm.Scalar", Op.Call("stack", norms, 0L), norm_type).ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (factor < 1)
                    foreach (var gradient in gradients) gradient.mul_(factor);
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var untracked = no_grad();
                foreach (var tensor in tensors)
                {
                    using var gradient = tensor.grad;
                    if (gradient is not null) Op.Run("clamp_", gradient, -clip_value, clip_value);
                }
            }
        }
    }
}
