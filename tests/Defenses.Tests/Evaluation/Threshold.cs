using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>
/// Two classes by the mean m of the input: logits (0, 10·(m − ½)), so an L∞ budget above |m − ½| takes an image from its class; NaN for m above 0.999.
/// </summary>
internal sealed class Threshold : nn.Module<Tensor, Tensor>
{
    internal Threshold() : base(nameof(Threshold)) => eval();

    internal Classifier Classifier() => new(this, Bounds.Unit);

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var mean = x.flatten(1).mean([1], keepdim: true);
        var second = (mean - 0.5) * 10;
        return cat([second * 0, where(mean > 0.999, full_like(mean, double.NaN), second)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>Images of 1×4×4 whose mean is the level; the label is the true side.</summary>
    internal static (Tensor X, Tensor Labels) Data(params double[] levels)
    {
        using var scope = NewDisposeScope();
        var level = tensor(levels, dtype: ScalarType.Float32);
        var x = level.view(-1, 1, 1, 1).expand(levels.Length, 1, 4, 4).contiguous();
        return (x.MoveToOuterDisposeScope(), level.gt(0.5).to_type(ScalarType.Int64).MoveToOuterDisposeScope());
    }
}
