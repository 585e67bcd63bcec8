using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>The weights of a network in bfloat16 until this is disposed, for one forward and backward pass.</summary>
/// <remarks>
/// The same modules run, so hooks, modes, streams and fixed draws hold. The copies are made for each pass: they cannot be older than the weights. Weights
/// and statistics of normalization layers are in float32, because torch runs these layers on bfloat16 with float32 statistics. TorchSharp has no autocast
/// and no way to change the number type of a parameter in place, so the native tensors behind the managed ones are exchanged
/// (docs/decisions/0019-bfloat16-gradients.md).
/// </remarks>
internal sealed class BFloat16Weights : IDisposable
{
    private readonly List<(Tensor Own, Tensor Lent)> _exchanged = [];
    private readonly nn.Module _network;

    private BFloat16Weights(nn.Module network) => _network = network;

    /// <summary>Puts the weights of a classifier's network into bfloat16; null where its gradients are not computed in it.</summary>
    internal static BFloat16Weights? Lend(Classifier model) => model.HasRoughGradients ? Lend(model.Network) : null;

    private static BFloat16Weights Lend(nn.Module network)
    {
        var weights = new BFloat16Weights(network);
        using var noGrad = no_grad();
        try
        {
            foreach (var module in network.modules().Prepend(network))
                foreach (var own in Tensors(module))
                    weights.Exchange(own, module is NormBase or LayerNorm or GroupNorm ? ScalarType.Float32 : ScalarType.BFloat16);
        }
        catch
        {
            weights.Dispose();
            throw;
        }

        return weights;
    }

    /// <summary>The output of the network for inputs (N, …): (draws·N, …), in a number type.</summary>
    /// <exception cref="NotSupportedException">The network does not run in bfloat16.</exception>
    internal Tensor Run(nn.Module<Tensor, Tensor> network, Tensor input, int draws, ScalarType type, IReadOnlyList<QueryTally> tallies)
    {
        try
        {
            using var lowered = input.to_type(ScalarType.BFloat16);
            using var output = PassParts.Run(network, lowered, draws, tallies);
            return output.to_type(type);
        }
        catch (Exception error) when (error is ExternalException or NotSupportedException { InnerException: ExternalException })
        {
            throw Refusal((error.InnerException ?? error).Message.Split('\n')[0].Trim().TrimEnd('.'), error);
        }
    }

    /// <summary>Puts the weights back.</summary>
    public void Dispose()
    {
        foreach (var (own, lent) in Enumerable.Reverse(_exchanged))
        {
            Swap(own, lent);
            lent.Dispose();
        }

        _exchanged.Clear();
    }

    /// <summary>The precision, if the network can have it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no known precision.</exception>
    /// <exception cref="NotSupportedException">A part of the network is compiled, so that its weights have one number type.</exception>
    internal static GradientPrecision Checked(nn.Module network, GradientPrecision precision)
    {
        if (!Enum.IsDefined(precision))
            throw new ArgumentOutOfRangeException(nameof(Classifier.GradientPrecision), precision, "GradientPrecision must be a known precision.");
        if (precision == GradientPrecision.Float32) return precision;
        if (network is DelegateNetwork) throw Refusal("it is a function, which may use tensors that are no weights of its modules", null);
        return network.modules().Prepend(network).FirstOrDefault(IsCompiled) is { } compiled
            ? throw Refusal($"the weights of {NetworkModes.Name(compiled)} are held by native code, which keeps their number type", null)
            : precision;
    }

    /// <summary>The precision that a network with this option is differentiated in.</summary>
    internal static GradientPrecision InUse(nn.Module network, GradientPrecision asked)
    {
        var weight = NumberTypes.Weight(network);
        if (asked == GradientPrecision.Float32 || (weight is not null && NumberTypes.IsHalf(weight.dtype))) return GradientPrecision.Float32;
        var isFast = asked == GradientPrecision.BFloat16Everywhere || FastBFloat16.On(weight?.device ?? CPU);
        return isFast ? GradientPrecision.BFloat16 : GradientPrecision.Float32;
    }

    // Modules of TorchSharp whose native part holds the weights, and TorchScript.
    private static bool IsCompiled(nn.Module module) =>
        module is ICompiledNetwork or jit.ScriptModule or LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell or Embedding or EmbeddingBag
            or MultiheadAttention or Transformer or TransformerEncoder or TransformerEncoderLayer or TransformerDecoder or TransformerDecoderLayer;

    private static NotSupportedException Refusal(string reason, Exception? inner) => new(
        $"The network cannot compute gradients in bfloat16: {reason}. Leave GradientPrecision at Float32.", inner);

    // The tensors of one module: its parameters and buffers, and in foreign modules everything that a field holds.
    private static Tensor[] Tensors(nn.Module module) =>
        [.. module.parameters(recurse: false), .. module.buffers(recurse: false), .. TensorFields.Values(module)];

    private void Exchange(Tensor own, ScalarType type)
    {
        if (own.IsInvalid || own.dtype == type || own.dtype is not (ScalarType.Float32 or ScalarType.Float64) || KeptTensors.HasGraph(own)) return;
        using var scope = NewDisposeScope();
        var lent = own.detach().to_type(type).DetachFromDisposeScope();
        Swap(own, lent);
        _exchanged.Add((own, lent));
    }

    private static void Swap(Tensor first, Tensor second) => (Handle(first), Handle(second)) = (Handle(second), Handle(first));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "handle")]
    private static extern ref IntPtr Handle(Tensor tensor);
}
