using Defenses.Detection;
using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>One trained model of a scheme: as an attacker sees it, and as it is deployed.</summary>
internal sealed class SchemeModel : IDisposable
{
    /// <summary>Draws behind a deployed decision, by the mean of their probabilities or by their vote.</summary>
    internal const int DecisionDraws = 10;

    private readonly IReadOnlyList<IDisposable> _owned;

    /// <param name="scheme">What it is of.</param>
    /// <param name="network">Trained, in evaluation mode.</param>
    /// <param name="guard">MagNet's parts, where the scheme has them.</param>
    /// <param name="sizes">Of the region.</param>
    /// <param name="owned">What is disposed with it, in this order.</param>
    internal SchemeModel(DefenseScheme scheme, nn.Module<Tensor, Tensor> network, MagNet? guard, SpikingSizes sizes, IReadOnlyList<IDisposable> owned)
    {
        (Scheme, Guard, _owned) = (scheme, guard, owned);
        Once = guard?.Model ?? new Classifier(network, Bounds.Unit) { ChannelsLast = true };
        Deployed = guard is not null ? new Classifier(new RefusingNetwork(guard), Bounds.Unit)
            : scheme.AsksRegion ? new Classifier(new RegionNetwork(network, sizes.Region.Radius, Bounds.Unit, sizes.Region.Points), Bounds.Unit)
            : scheme.Votes ? new Classifier(new VotingNetwork(network, DecisionDraws), Bounds.Unit) { ChannelsLast = true }
            : network.IsRandom() ? new Classifier(new AveragingNetwork(network, DecisionDraws), Bounds.Unit) { ChannelsLast = true } : Once;
        Deployed.Network.eval();   // a voting network begins in training mode, whatever its parts are in
        JudgeDraws = scheme.AsksRegion ? sizes.Region.Decisions : sizes.JudgeDraws;
    }

    internal DefenseScheme Scheme { get; }

    /// <summary>MagNet; null for the others.</summary>
    internal MagNet? Guard { get; }

    /// <summary>What an attacker differentiates: one draw of a random network; behind the auto-encoder, without the detectors, where MagNet stands in
    /// front.</summary>
    internal Classifier Once { get; }

    /// <summary>What decides.</summary>
    internal Classifier Deployed { get; }

    /// <summary>Decisions that judge an attacked image.</summary>
    internal int JudgeDraws { get; }

    public void Dispose()
    {
        if (!ReferenceEquals(Once, Deployed)) Deployed.Network.Dispose();
        foreach (var part in _owned) part.Dispose();
    }
}
