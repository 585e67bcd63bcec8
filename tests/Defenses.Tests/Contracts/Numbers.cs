using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>Tensors of known numbers, and their values as arrays.</summary>
internal static class Numbers
{
    /// <summary>Normal numbers from a seed.</summary>
    public static Tensor Normal(long[] shape, ScalarType dtype = ScalarType.Float32, ulong seed = 1)
    {
        using var random = new RandomSource(seed);
        using var like = empty(shape, dtype: dtype);
        return random.Normal(like);
    }

    /// <summary>Uniform numbers on [0, 1) from a seed.</summary>
    public static Tensor Uniform(long[] shape, ScalarType dtype = ScalarType.Float32, ulong seed = 1)
    {
        using var random = new RandomSource(seed);
        using var like = empty(shape, dtype: dtype);
        return random.Uniform(like);
    }

    /// <summary>The values in index order.</summary>
    public static double[] Of(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>The same values with the channels last in memory.</summary>
    public static Tensor ChannelsLast(Tensor x)
    {
        using var scope = NewDisposeScope();
        return x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Runs the action and asserts that it leaves no tensor behind.</summary>
    public static void LeaveNothing(Action action)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        action();
        (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before).Should().Be(0, "no tensor may stay behind");
    }
}
