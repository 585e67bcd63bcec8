using Defenses.Models;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>A protected network of the protocol.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Family">What it is a strength of.</param>
/// <param name="Strength">How strong it is, in the family's own units.</param>
/// <param name="Network">The network, seeded, in evaluation mode.</param>
internal sealed record HrsDefense(string Name, string Family, double Strength, nn.Module<Tensor, Tensor> Network)
{
    internal Classifier Model { get; } = new(Network, Bounds.Unit);

    /// <summary>The network as one of paths; null for the others.</summary>
    internal SwitchingNetwork? Paths => Network as SwitchingNetwork;

    /// <summary>The exact mean over all its paths; null for the others.</summary>
    internal AllPaths? Exact { get; } = Network is SwitchingNetwork network ? new AllPaths(network, Bounds.Unit) : null;
}
