using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Functions that are applied to a model's input before its network.</summary>
public static class Preprocessing
{
    /// <summary>(x − mean) / std per channel: (N, C, …) → (N, C, …).</summary>
    /// <param name="mean">One number per channel, or one for all, in the units of the input.</param>
    /// <param name="std">As many numbers as in the mean, each above 0.</param>
    public static Func<Tensor, Tensor> Normalize(IReadOnlyList<double> mean, IReadOnlyList<double> std)
    {
        double[] means = [.. Require.NotEmpty(mean, nameof(mean))], deviations = [.. Require.NotEmpty(std, nameof(std))];
        if (means.Length != deviations.Length)
            throw new ArgumentException($"std must have as many numbers as mean; they have {deviations.Length} and {means.Length}.", nameof(std));
        foreach (var deviation in deviations) Require.Positive(deviation, nameof(std));
        return x =>
        {
            using var scope = NewDisposeScope();
            if (means.Length == 1) return ((x - means[0]) / deviations[0]).MoveToOuterDisposeScope();
            var shape = Enumerable.Repeat(1L, (int)x.dim()).ToArray();
            shape[1] = means.Length;
            var center = tensor(means, dtype: x.dtype, device: x.device).view(shape);
            var scale = tensor(deviations, dtype: x.dtype, device: x.device).view(shape);
            return ((x - center) / scale).MoveToOuterDisposeScope();
        };
    }
}
