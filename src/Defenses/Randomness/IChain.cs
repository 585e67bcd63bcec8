using TorchSharp;

namespace Defenses.Randomness;

/// <summary>A module that runs its links one after another and does nothing else, as a Sequential does.</summary>
internal interface IChain
{
    /// <summary>The modules in the order in which they run.</summary>
    IReadOnlyList<torch.nn.Module> Links { get; }
}
