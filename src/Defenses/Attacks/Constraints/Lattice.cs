using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Values at equal distances between the bounds: Lower + k·Range/(levels − 1).</summary>
/// <remarks>
/// A level's value is computed in double precision and rounded once, so that for bounds [0, 1] level k of 256 is k/255 exactly as an image loader divides.
/// </remarks>
internal sealed class Lattice(int levels, Bounds bounds)
{
    /// <summary>The share of a step by which a value may miss its level.</summary>
    internal const double Tolerance = 1e-3;

    /// <summary>The number of levels.</summary>
    internal int Levels => levels;

    /// <summary>The distance of two levels.</summary>
    internal double Step => bounds.Range / (levels - 1);

    /// <summary>The number of the nearest level, in the dtype of x.</summary>
    internal Tensor Nearest(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Number(x).round_().clamp_(0, levels - 1).MoveToOuterDisposeScope();
    }

    /// <summary>The values of level numbers; NaN counts as level 0.</summary>
    internal Tensor Values(Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var values = new double[levels];
        for (var k = 0; k < levels; k++) values[k] = bounds.Lower + bounds.Range * ((double)k / (levels - 1));
        var table = tensor(values, dtype: numbers.dtype, device: numbers.device);
        var index = numbers.nan_to_num().clamp_(0, levels - 1).to_type(ScalarType.Int64).flatten();
        return table.index_select(0, index).view(numbers.shape).MoveToOuterDisposeScope();
    }

    /// <summary>The smallest level that is not below x.</summary>
    internal Tensor AtLeast(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Values((Number(x) - Tolerance).ceil_()).MoveToOuterDisposeScope();
    }

    /// <summary>The largest level that is not above x.</summary>
    internal Tensor AtMost(Tensor x)
    {
        using var scope = NewDisposeScope();
        return Values((Number(x) + Tolerance).floor_()).MoveToOuterDisposeScope();
    }

    private Tensor Number(Tensor x) => (x - bounds.Lower) / Step;
}
