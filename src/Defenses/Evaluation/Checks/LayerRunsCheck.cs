using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds a layer that is in the model, or is meant to be, and never runs when it answers.</summary>
/// <remarks>
/// Counts the runs of every stochastic layer of the network, of every layer of <c>Defenses.Layers</c>, and of the expected ones, registered or not. A random network is asked
/// often enough for every path to be taken. Of layers that are no <see cref="StochasticLayer"/> only runs through <c>call</c> are seen.
/// </remarks>
public sealed class LayerRunsCheck : ModelCheck
{
    private const int LeastPasses = 200, PassesPerChannel = 40;

    /// <inheritdoc/>
    public override string Title => "A layer that never runs";

    /// <inheritdoc/>
    protected internal override string? WhyNot(CheckSubject subject) => Layers(subject).Count == 0
        ? "the network has no layer of this library, and none is expected" : null;

    /// <inheritdoc/>
    protected override IEnumerable<Finding> Look(CheckSubject subject)
    {
        using var scope = NewDisposeScope();
        using var streams = subject.Model.LendStreams(subject.SeedOf(nameof(LayerRunsCheck)));
        using var counts = new RunCounts(Layers(subject));
        var one = subject.Images.narrow(0, 0, 1);
        var channels = subject.Model.Network.StochasticLayers().Select(found => found.Layer).OfType<SwitchingBlock>().Select(block => block.Channels.Count).DefaultIfEmpty().Max();
        var passes = subject.Model.IsRandom ? Math.Max(LeastPasses, PassesPerChannel * channels) : 1;
        for (var pass = 0; pass < passes && counts.Idle.Any(); pass++)
        {
            subject.Cancellation.ThrowIfCancellationRequested();
            using (subject.Model.Answer(one)) { }
        }
        return [.. counts.Idle.Select(name => Finding(Severity.Invalid, $"{name} did not run once in {passes} answers: the model is not protected by it.",
            "If its parent runs it by forward() or a hook, use call(); or put it in with InsertBefore, InsertAfter or ReplaceReLU, which prove that it runs."))];
    }

    private static List<(string Name, nn.Module Layer)> Layers(CheckSubject subject)
    {
        var registered = subject.Model.Network.named_modules().Where(found => found.module is StochasticLayer || found.module.GetType().Namespace == "Defenses.Layers")
            .Select(found => (Name: $"{found.module.GetType().Name} at '{found.name}'", Layer: found.module));
        var expected = subject.ExpectedLayers.Select((layer, number) => (Name: $"The expected layer {layer.GetName()}, number {number + 1}", Layer: (nn.Module)layer));
        return [.. registered.Concat(expected).DistinctBy(found => found.Layer, ReferenceEqualityComparer.Instance)];
    }
}
