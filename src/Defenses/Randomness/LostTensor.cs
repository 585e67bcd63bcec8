using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>Why a forward pass met a tensor that had been freed, and what the owner of the network can write instead.</summary>
internal static class FreedTensorError
{
    private const string Cure =
        "A tensor that a pass makes and keeps for the next one outlives it when a field of the module holds it, when it has no graph, and when " +
        "the module opened no scope " +
        "of its own around it. Make it in the constructor, or keep `tensor.detach().DetachFromDisposeScope()`.";

    /// <summary>Whether torch complains of a freed tensor.</summary>
    internal static bool Matches(InvalidOperationException error) => error.Message.StartsWith("Tensor invalid", StringComparison.Ordinal);

    /// <summary>Names the modules whose fields hold freed tensors; where there are none, what else it can be.</summary>
    internal static string Describe(nn.Module network)
    {
        var lost = (from module in network.named_modules().Prepend(("", network))
                    from field in TensorFields.Of(module.Item2.GetType())
                    where TensorFields.In(field.GetValue(module.Item2)).Any(tensor => tensor.IsInvalid)
                    select $"{Place(module.Item1, module.Item2)} holds a freed tensor in field '{field.Name}'.").Take(5).ToArray();
        if (lost.Length > 0) return $"{string.Join(" ", lost)} {Cure}";
        var bounds = network.named_modules().Where(found => found.module is Hardtanh { inplace: false }).Select(found => $"'{found.name}'").ToArray();
        return bounds.Length > 0
            ? $"The network {network.GetType().Name} used a freed tensor. It has nn.Hardtanh at {string.Join(", ", bounds)}, which in TorchSharp " +
                $"0.107.0 hands its input back, " +
              "and a Sequential frees that input. Put `new BoundedReLU(max)` or a module that calls clamp in its place."
            : $"A module of the network {network.GetType().Name} used a freed tensor, which none of the fields holds that can be looked into. {Cure}";
    }

    private static string Place(string path, nn.Module module) =>
        path.Length == 0 ? $"The network itself ({module.GetType().Name})" : $"Module '{path}' ({module.GetType().Name})";
}
