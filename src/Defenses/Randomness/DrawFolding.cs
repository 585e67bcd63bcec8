using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>
/// Many draws of a network in one pass. The part before the first drawing layer is the same for all draws and runs once; the
/// drawing layer repeats its input, draw by draw: (N, …) → (draws·N, …), rows of draw k at k·N … k·N + N − 1.
/// </summary>
/// <remarks>
/// Sound where a chain of <see cref="Sequential"/> (or <see cref="IChain"/>) leads to the first drawing layer: no other branch can run on the shorter
/// batch. Elsewhere the input itself is repeated.
/// </remarks>
internal static class DrawFolding
{
    [ThreadStatic] private static (long Rows, long Draws) t_pending;

    /// <summary>Whether every drawing layer of the network draws per example, so that draws fold into the batch.</summary>
    internal static bool Possible(nn.Module network) =>
        network.StochasticLayers().All(found => !found.Layer.IsActive || (found.Layer.DrawsPerSample && found.Layer.FixedDraw is null));

    /// <summary>
    /// The outputs of <paramref name="draws"/> fresh draws: (N, …) → (draws·N, …). If no layer draws, one output is repeated.
    /// </summary>
    internal static Tensor Run(nn.Module<Tensor, Tensor> network, Tensor x, long draws)
    {
        if (draws == 1) return ForwardPass.Run(network, x);
        if (!Draws(network))
            using (var output = ForwardPass.Run(network, x)) return Repeat(output, draws);
        return (StartsInChain(network) ? RunFromFirstLayer(network, x, draws) : null) ?? RunRepeated(network, x, draws);
    }

    // Null if the first drawing layer received another batch than x and could not repeat it.
    private static Tensor? RunFromFirstLayer(nn.Module<Tensor, Tensor> network, Tensor x, long draws)
    {
        var outer = t_pending;
        t_pending = (x.shape[0], draws);
        try
        {
            var output = ForwardPass.Run(network, x);
            if (t_pending.Draws == 0) return output;
            output.Dispose();
            return null;
        }
        finally { t_pending = outer; }
    }

    private static Tensor RunRepeated(nn.Module<Tensor, Tensor> network, Tensor x, long draws)
    {
        using var repeated = Repeat(x, draws);
        return ForwardPass.Run(network, repeated);
    }

    /// <summary>Called by the first drawing layer: repeats its input when draws are pending.</summary>
    internal static Tensor Unfold(Tensor x)
    {
        var (rows, draws) = t_pending;
        if (draws == 0 || x.shape[0] != rows) return x;
        t_pending = default;
        return Repeat(x, draws);
    }

    private static Tensor Repeat(Tensor x, long draws)
    {
        using var scope = NewDisposeScope();
        var channelsLast = MemoryLayout.IsChannelsLast(x);
        var memory = channelsLast ? x.permute(0, 2, 3, 1) : x;
        var repeated = memory.unsqueeze(0).expand([draws, .. memory.shape]).flatten(0, 1);
        return MemoryLayout.InIndexOrder(repeated, channelsLast).MoveToOuterDisposeScope();
    }

    private static bool StartsInChain(nn.Module module)
    {
        if (module is StochasticLayer { IsActive: true }) return true;
        var links = module is IChain chain ? chain.Links : module.GetType() == typeof(Sequential) ? module.children() : [];
        return links.FirstOrDefault(Draws) is { } first && StartsInChain(first);
    }

    private static bool Draws(nn.Module module) => module.StochasticLayers().Any(found => found.Layer.IsActive);
}

/// <summary>A module that runs its links one after another and does nothing else, as a Sequential does.</summary>
internal interface IChain
{
    /// <summary>The modules in the order in which they run.</summary>
    IReadOnlyList<torch.nn.Module> Links { get; }
}
