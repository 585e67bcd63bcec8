using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Switching;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <inheritdoc cref="ModelCheck.LayerRuns"/>
internal sealed class LayerRunsCheck : ModelCheck
{
    private const int LeastPasses = 200, PassesPerChannel = 40;

    public override string Title => "A layer that never runs";

    protected internal override string? WhyNot(CheckContext context) => Layers(context).Count > 0 ? null
        : context.WithoutNetwork() ?? "the network has no layer of this library, and none is expected";

    protected override IEnumerable<Finding> ProbeCore(CheckContext context)
    {
        using var scope = NewDisposeScope();
        using var streams = context.Model.LendStreams(context.SeedOf(nameof(LayerRunsCheck)));
        using var counter = new ForwardCounter(Layers(context));
        var one = context.Images.narrow(0, 0, 1);
        var passes = context.Model.IsRandom ? Math.Max(LeastPasses, PassesPerChannel * MostChannels(context)) : 1;
        for (var pass = 0; pass < passes && counter.Idle.Any(); pass++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using (context.Answer(one)) { }
        }
        return [.. counter.Idle.Select(name => Finding(Severity.Invalid,
            $"{name} did not run once in {passes} answers: it does not protect the model.",
            "If its parent runs it by forward() or a hook, use call(); or insert it with InsertBefore, InsertAfter or ReplaceReLU, which prove it."))];
    }

    // Of the switching block with most channels: each must be drawn once.
    private static int MostChannels(CheckContext context) => context.Networks.SelectMany(network => network.StochasticLayers()).Select(found => found.Layer)
        .OfType<SwitchingBlock>().Select(block => block.Channels.Count).DefaultIfEmpty().Max();

    private static List<(string Name, nn.Module Layer)> Layers(CheckContext context)
    {
        var registered = context.Networks.SelectMany(network => network.named_modules())
            .Where(found => found.module is StochasticLayer || found.module.GetType().Namespace == "Defenses.Layers")
            .Select(found => (Name: $"{found.module.GetType().Name} at '{found.name}'", Layer: found.module));
        var expected = context.ExpectedLayers
            .Select((layer, number) => (Name: $"The expected layer {layer.GetName()}, number {number + 1}", Layer: (nn.Module)layer));
        return [.. registered.Concat(expected).DistinctBy(found => found.Layer, ReferenceEqualityComparer.Instance)];
    }
}

/// <summary>Counts the forward passes of layers until it is disposed.</summary>
internal sealed class ForwardCounter : IDisposable
{
    private readonly List<(string Name, Func<bool> HasRun)> _layers = [];
    private readonly List<Action> _unhook = [];

    internal ForwardCounter(IEnumerable<(string Name, nn.Module Layer)> layers)
    {
        foreach (var (name, layer) in layers)
            if (layer is StochasticLayer stochastic) Watch(name, stochastic);
            else if (layer is nn.Module<Tensor, Tensor> module) Watch(name, module);
    }

    /// <summary>The names of the layers that have not run.</summary>
    internal IEnumerable<string> Idle => _layers.Where(layer => !layer.HasRun()).Select(layer => layer.Name);

    public void Dispose() => _unhook.ForEach(undo => undo());

    private void Watch(string name, StochasticLayer layer)
    {
        var before = layer.Calls;
        _layers.Add((name, () => layer.Calls > before));
    }

    private void Watch(string name, nn.Module<Tensor, Tensor> layer)
    {
        var ran = false;
        var hook = layer.register_forward_hook((_, _, output) =>
        {
            ran = true;
            return output;
        });
        _layers.Add((name, () => ran));
        _unhook.Add(hook.remove);
    }
}
