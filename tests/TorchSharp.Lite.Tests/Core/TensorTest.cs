using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

// Each test runs in a scope of its own; when it ends, as many tensors live on its thread as before.
public abstract class TensorTest : IDisposable
{
    private readonly long _before = Alive;
    private readonly DisposeScope _scope = NewDisposeScope();

    protected static long Alive => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    public void Dispose()
    {
        _scope.Dispose();
        GC.SuppressFinalize(this);
        Alive.Should().Be(_before, "a test must leave no tensor behind");
    }

    protected static Tensor Matrix(long rows, params double[] values) => tensor(values).reshape(rows, values.Length / rows);

    protected static double[] Numbers(Tensor tensor) => tensor.detach().to(ScalarType.Float64).cpu().data<double>().ToArray();

    protected static void ShouldBe(Tensor actual, params double[] expected) => ShouldBeWithin(1e-6, actual, expected);

    protected static void ShouldBeWithin(double tolerance, Tensor actual, params double[] expected)
    {
        var numbers = Numbers(actual);
        numbers.Should().HaveCount(expected.Length);
        for (var i = 0; i < expected.Length; i++)
            if (!numbers[i].Equals(expected[i])) numbers[i].Should().BeApproximately(expected[i], tolerance, "of element {0}", i);
    }

    protected static void ShouldHaveShape(Tensor actual, params long[] expected) => actual.shape.Should().Equal(expected);
}
