using Defenses.Onnx;
using Defenses.Tests.Contracts;
using Defenses.Tests.Zoo;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Onnx;

/// <summary>Small ONNX models: the linear model of the contracts on images (n, 1, 3, 4), with what a test puts around it.</summary>
public abstract class OnnxModels : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TempFolder _folder = new();
    private readonly List<OnnxModel> _opened = [];

    private protected LinearModel Network { get; } = new();

    private protected Tensor X => Numbers.Uniform([16, 1, 3, 4], seed: 2);

    private protected Tensor Expected => Network.call(X);

    public void Dispose()
    {
        _opened.ForEach(model => model.Dispose());
        Network.Dispose();
        _folder.Dispose();
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Images to the logits "logits", without an output yet.</summary>
    private protected OnnxFile Linear(object batch, int type = OnnxFile.Float, long classes = 4) =>
        Body(new OnnxFile().Input("images", type, batch, 1, 3, 4), classes);

    private protected OnnxFile Body(OnnxFile file, long classes = 4) => file
        .Node("Cast", "images", "floats", ("to", OnnxFile.Float)).Node("Flatten", "floats", "flat", ("axis", 1))
        .Weight("weight", Network.Weight.narrow(0, 0, classes)).Weight("bias", Network.Bias.narrow(0, 0, classes))
        .Node("Gemm", ["flat", "weight", "bias"], "logits", ("transB", 1));

    private protected OnnxFile Usual() => Linear("n").Output("logits", OnnxFile.Float, "n", 4);

    private protected OnnxModel Open(OnnxFile file, OnnxOptions? options = null, SessionOptions? session = null)
    {
        var model = OnnxModel.Open(Write(file.ToArray()), null, options, session);
        _opened.Add(model);
        return model;
    }

    private protected string Write(byte[] bytes, string name = "model.onnx") => _folder.Write(name, bytes);

    private protected static void Close(Tensor actual, Tensor expected, double tolerance = 1e-5)
    {
        actual.shape.Should().Equal(expected.shape);
        (actual - expected).abs().max().ToDouble().Should().BeLessThan(tolerance);
    }
}
