using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>Runs a model as it will be used: in evaluation mode and without a graph. Modes, flags and streams are as before afterwards.</summary>
internal static class Probe
{
    /// <summary>The output for x.</summary>
    internal static Tensor Run(nn.Module<Tensor, Tensor> model, Tensor x)
    {
        using var mode = new EvaluationMode(model);
        using var streams = model.LendStreams(null);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var input = x.alias();   // a model may free it
        var output = ForwardPass.Run(model, input);
        return (ReferenceEquals(output, input) ? output.alias() : output).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the model draws at random in evaluation mode: then a part of it may run in some passes only.</summary>
    internal static bool IsRandom(nn.Module<Tensor, Tensor> model)
    {
        using var mode = new EvaluationMode(model);
        return model.IsRandom();
    }
}
