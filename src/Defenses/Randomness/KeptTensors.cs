using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Tensors that modules made in a forward pass and keep for the next one: masks, positions, whatever is made when the first batch comes.</summary>
/// <remarks>
/// The scope of the pass would free them, and the next pass would find a dead tensor in the field. So they leave the scope for as long as a field holds
/// them; one that is replaced goes into the scope of the pass that replaced it. A tensor that was there before the pass is never touched, nor is one with a
/// graph, which would keep the memory of its whole pass. Only modules of others are looked into: networks of torch's own modules cost a walk, no more.
/// </remarks>
internal static class KeptTensors
{
    private static readonly ConditionalWeakTable<nn.Module, HashSet<Tensor>> s_kept = [];

    /// <summary>Takes out of a scope what the modules of a network keep in their fields.</summary>
    /// <param name="network">The network that has just run.</param>
    /// <param name="scope">The scope that was opened for the pass.</param>
    /// <param name="output">The output of the pass, which belongs to its caller even if a field holds it; none by default.</param>
    internal static void Keep(nn.Module network, DisposeScope scope, Tensor? output = null)
    {
        if (Holders(network, null) is not { } holders) return;
        var held = new HashSet<Tensor>(holders.SelectMany(TensorFields.Values), ReferenceEqualityComparer.Instance);
        foreach (var module in holders)
        {
            foreach (var tensor in TensorFields.Values(module))
                if (!ReferenceEquals(tensor, output) && scope.Contains(tensor) && !HasGraph(tensor)) Take(module, scope.Detach(tensor));
            if (s_kept.TryGetValue(module, out var kept)) Release(kept, held, scope);
        }
    }

    /// <summary>Whether a tensor hangs on a graph: it was computed from what requires a gradient.</summary>
    internal static bool HasGraph(Tensor tensor) => tensor.requires_grad && !tensor.is_leaf;

    // Every module whose type can hold tensors; null for none.
    private static List<nn.Module>? Holders(nn.Module module, List<nn.Module>? found)
    {
        if (TensorFields.Of(module.GetType()).Count > 0) (found ??= []).Add(module);
        foreach (var child in module.children()) found = Holders(child, found);
        return found;
    }

    private static void Take(nn.Module module, Tensor tensor)
    {
        var kept = s_kept.GetValue(module, _ => new HashSet<Tensor>(ReferenceEqualityComparer.Instance));
        lock (kept) kept.Add(tensor);
    }

    private static void Release(HashSet<Tensor> kept, HashSet<Tensor> held, DisposeScope scope)
    {
        lock (kept)
        {
            if (kept.All(held.Contains)) return;
            foreach (var tensor in kept.Where(tensor => !held.Contains(tensor) && !tensor.IsInvalid)) scope.Attach(tensor);
            kept.IntersectWith(held);
        }
    }
}
