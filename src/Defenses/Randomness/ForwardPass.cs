using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>One forward pass of a user's network. The library runs such networks only through this class.</summary>
/// <remarks>
/// Tensors of the pass are freed after it, except the output and tensors that modules keep in their fields (<see cref="KeptTensors"/>), as in
/// <c>_mask ??= torch.ones(10)</c>.
/// </remarks>
internal static class ForwardPass
{
    /// <summary>The output of the network for x. Hooks run.</summary>
    /// <exception cref="InvalidOperationException">A module used a tensor that it had kept and that was freed; the message
    /// names it and says how to change the module.</exception>
    /// <exception cref="ArgumentException">The batch has another number type than the weights, or is on another device.</exception>
    internal static Tensor Run(nn.Module<Tensor, Tensor> network, Tensor x) => Run(network, x, network.call);

    /// <summary>The output for x of a function that runs modules of <paramref name="owner"/>.</summary>
    internal static Tensor Run(nn.Module owner, Tensor x, Func<Tensor, Tensor> pass)
    {
        using var scope = NewDisposeScope();
        Tensor output;
        var isUsable = !x.IsInvalid;   // the pass may free it
        try
        {
            output = pass(x);
        }
        catch (InvalidOperationException error) when (FreedTensorError.Matches(error) && isUsable)
        {
            throw new InvalidOperationException(FreedTensorError.Describe(owner), error);
        }
        catch (ExternalException error) when (NumberTypes.Explain(owner, x, error) is { } explained)
        {
            throw explained;
        }
        KeptTensors.Keep(owner, scope, output);
        return scope.Contains(output) ? output.MoveToOuterDisposeScope() : output;
    }
}

/// <summary>Explains why a forward pass used a freed tensor, and how to change the network.</summary>
internal static class FreedTensorError
{
    private const string Cure =
        "A tensor that is made in one pass lives on for the next pass if a field of the module holds it, if it has no graph, and if the module " +
        "opened no scope of its own around it. Make it in the constructor, or keep `tensor.detach().DetachFromDisposeScope()`.";

    /// <summary>Whether the error is torch's error for a freed tensor.</summary>
    internal static bool Matches(InvalidOperationException error) => error.Message.StartsWith("Tensor invalid", StringComparison.Ordinal);

    /// <summary>Names the modules whose fields hold freed tensors; if there are none, the other likely cause.</summary>
    internal static string Describe(nn.Module network)
    {
        var lost = (from module in network.named_modules().Prepend(("", network))
                    from field in TensorFields.Of(module.Item2.GetType())
                    where TensorFields.In(field.GetValue(module.Item2)).Any(tensor => tensor.IsInvalid)
                    select $"{Place(module.Item1, module.Item2)} holds a freed tensor in field '{field.Name}'.").Take(5).ToArray();
        if (lost.Length > 0) return $"{string.Join(" ", lost)} {Cure}";
        var bounds = network.named_modules().Where(found => found.module is Hardtanh { inplace: false }).Select(found => $"'{found.name}'").ToArray();
        return bounds.Length > 0
            ? $"The network {network.GetType().Name} used a freed tensor. It has nn.Hardtanh at {string.Join(", ", bounds)}. In TorchSharp " +
                "0.107.0 nn.Hardtanh returns its input itself, and a Sequential frees that input. Replace it by `new BoundedReLU(max)` or by a module " +
                "that calls clamp."
            : $"A module of the network {network.GetType().Name} used a freed tensor. No field that can be inspected holds it. {Cure}";
    }

    private static string Place(string path, nn.Module module) =>
        path.Length == 0 ? $"The network itself ({module.GetType().Name})" : $"Module '{path}' ({module.GetType().Name})";
}
