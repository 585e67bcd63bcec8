using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Tensors that modules make in a forward pass and keep for the next one: masks, positions, anything that is made from the first batch.</summary>
/// <remarks>
/// The scope of the pass would free them, and the next pass would find a freed tensor in the field. Therefore they are detached from the scope while a
/// field holds them. A tensor that is replaced is attached to the scope of the pass that replaced it. Tensors that existed before the pass are not
/// touched. Tensors with a graph are not touched either: they would keep the memory of the whole pass. Only fields of foreign modules (neither torch's nor
/// the library's) are inspected; a network of torch's own modules costs one walk over its modules.
/// </remarks>
internal static class KeptTensors
{
    private static readonly ConditionalWeakTable<nn.Module, HashSet<Tensor>> s_kept = [];

    /// <summary>Detaches from a scope the tensors that the modules of a network keep in their fields.</summary>
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

    /// <summary>Whether a tensor has a graph: it was computed from tensors that require a gradient.</summary>
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
