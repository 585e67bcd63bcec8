using Defenses.Papers;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>Small data sets of any name.</summary>
internal static class Sets
{
    /// <summary>Random images in the shape of MNIST's or of CIFAR-10's, labels 0 to 9 in turn.</summary>
    internal static RunData Noise(string key, bool isColor, int training = 40, int test = 20)
    {
        DataSet Make(int count)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator(1);
            long[] shape = [count, .. isColor ? [3L, 32, 32] : new[] { 1L, 28, 28 }];
            return new DataSet(key, rand(shape, generator: generator).mul(255).to_type(ScalarType.Byte), arange(count, dtype: ScalarType.Int64).remainder(10),
                [.. Enumerable.Range(0, 10).Select(i => $"{i}")]);
        }
        return new RunData(key, Make(training), Make(test));
    }
}
