using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

internal static class Expect
{
    internal static Tensor Floats(params float[] values) => tensor(values);

    internal static Tensor Shaped(long[] shape, params float[] values) => tensor(values).reshape(shape);

    internal static float[] Values(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().to(ScalarType.Float32).contiguous();
        return flat.data<float>().ToArray();
    }

    internal static void ShouldHold(this Tensor tensor, params float[] expected) => tensor.ShouldHoldWithin(1e-5f, expected);

    internal static void ShouldHoldWithin(this Tensor tensor, float tolerance, params float[] expected)
    {
        var actual = tensor.Values();
        actual.Should().HaveCount(expected.Length);
        for (var i = 0; i < expected.Length; i++)
            actual[i].Should().BeApproximately(expected[i], tolerance * Math.Max(1, Math.Abs(expected[i])), "of element {0}", i);
    }

    // What ran must have disposed all it made.
    internal static void NoTensorLeft(Action action)
    {
        action();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        action();
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    internal static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    internal static JsonElement Written(string key) =>
        JsonDocument.Parse(File.ReadAllText(DataFile("values.json"))).RootElement.GetProperty(key);

    internal static float[] Numbers(this JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetSingle())];
}
