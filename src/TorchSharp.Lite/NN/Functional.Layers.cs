using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Op.Call("linear", input, weights, bias);

            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null,
                long? dilation = null, long groups = 1) =>
                Op.Call("conv1d", input, weight, bias, One(stride ?? 1), One(padding ?? 0), One(dilation ?? 1), groups);

            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null,
                Padding padding = Padding.Valid, long? dilation = null, long groups = 1) =>
                Op.Call("conv1d.padding", input, weight, bias, One(stride ?? 1), Name(padding), One(dilation ?? 1), groups);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                long[]? dilation = null, long groups = 1)
            {
                if (groups == 1 && dilation is null or [1, 1] && strides is null or [_, _] && padding is null or [_, _] && FirstInTraining(input))
                    return Op.Call("thnn_conv2d", input, weight, weight.shape[2..], bias, strides ?? [1, 1], padding ?? [0, 0]);
                return Op.Call("conv2d", input, weight, bias, strides ?? One(1), padding ?? One(0), dilation ?? One(1), groups);
            }

            // Here oneDNN, which pads the channel to sixteen, takes twice the time of libtorch's own kernel. Without gradients, and where the
            // images need some, oneDNN stays: its result suits the layers that follow.
            private static bool FirstInTraining(Tensor input) => input.ndim == 4 && input.shape[1] == 1 && !input.requires_grad && is_grad_enabled()
                && input.is_cpu() && input.dtype == ScalarType.Float32;

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null,
                Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Op.Call("conv2d.padding", input, weight, bias, strides ?? One(1), Name(padding), dilation ?? One(1), groups);

            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null,
                long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Op.Call("conv_transpose2d.input", input, weight, bias, strides ?? One(1), padding ?? One(0), output_padding ?? One(0),
                    groups, dilation ?? One(1));

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null,
                Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-05)
            {
                if (training) RequireSeveralValues(input.shape);
                return Op.Call("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            }

            private static void RequireSeveralValues(long[] shape)
            {
                var values = shape.Where((_, dim) => dim != 1).Aggregate(1L, (product, size) => product * size);
                if (values == 1)
                    throw new ExternalException("Expected more than 1 value per channel when training, "
                        + $"got input size [{string.Join(", ", shape)}]");
            }

            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null,
                double eps = 1e-05) => Op.Call("layer_norm", input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null,
                double eps = 1e-05) => Op.Call("group_norm", input, num_groups, weight, bias, eps);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Op.Call(inplace ? "dropout_" : "dropout", input, p, training);

            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Op.Call(inplace ? "feature_dropout_" : "feature_dropout", input, p, training);

            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Op.Call(inplace ? "feature_dropout_" : "feature_dropout", input, p, training);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => Op.Call("one_hot", x, num_classes);

            public static Tensor normalize(Tensor input, double p = 2, long dim = 1, double eps = 1e-12)
            {
                using var norm = Op.Call("norm.ScalarOpt_dim", input, p, One(dim), true);
                using var length = Op.Call("clamp_min", norm, eps);
                return Op.Call("div.Tensor", input, length);
            }

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08) =>
                Op.Call("cosine_similarity", x1, x2, dim, eps);

            public static Tensor pairwise_distance(Tensor input1, Tensor input2, double p = 2, double eps = 1e-06, bool keepdim = false) =>
                Op.Call("pairwise_distance", input1, input2, p, eps, keepdim);

            private static long[] One(long value) => [value];

            private static string Name(Padding padding) => padding == Padding.Same ? "same" : "valid";
        }
    }
}
