using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Randomness;

/// <summary>One forward pass of a network that the library was given: the only way in which the library runs one.</summary>
/// <remarks>
/// What the pass makes is freed with it, but for the output and for tensors that modules keep in their fields (<see cref="KeptTensors"/>), as in
/// <c>_mask ??= torch.ones(10)</c>.
/// </remarks>
internal static class ForwardPass
{
    /// <summary>What the network gives for x. Hooks run.</summary>
    /// <exception cref="InvalidOperationException">A module used a tensor that it had kept and that was freed; the message
    /// names it and says what to write.</exception>
    internal static Tensor Run(nn.Module<Tensor, Tensor> network, Tensor x) => Run(network, x, network.call);

    /// <summary>What a function that runs modules of <paramref name="owner"/> gives for x.</summary>
    internal static Tensor Run(nn.Module owner, Tensor x, Func<Tensor, Tensor> pass)
    {
        using var scope = NewDisposeScope();
        Tensor output;
        var isUsable = !x.IsInvalid;   // afterwards the pass may have freed it
        try
        {
            output = pass(x);
        }
        catch (InvalidOperationException error) when (FreedTensorError.Matches(error) && isUsable)
        {
            throw new InvalidOperationException(FreedTensorError.Describe(owner), error);
        }
        KeptTensors.Keep(owner, scope, output);
        return scope.Contains(output) ? output.MoveToOuterDisposeScope() : output;
    }
}
