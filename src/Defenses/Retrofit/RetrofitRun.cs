using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>One retrofit: finds the places, applies the layers, proves them on the probe, and undoes everything when that fails.</summary>
internal sealed class RetrofitRun
{
    private const int MostPasses = 1024;   // enough to see each of 50 equally likely routes but for one chance in a billion
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly Func<string, nn.Module<Tensor, Tensor>?> _make;
    private readonly Tensor _probe;
    private readonly Placement _placement;

    internal RetrofitRun(nn.Module<Tensor, Tensor> model, Func<string, nn.Module<Tensor, Tensor>?> make, Tensor probe, Placement placement)
    {
        _model = Require.NotNull(model, nameof(model));
        _make = Require.NotNull(make, nameof(make));
        _probe = Require.Batch(probe, nameof(probe));
        _placement = placement;
    }

    internal RetrofitReport Run<TModule>() where TModule : nn.Module<Tensor, Tensor>
    {
        var sites = ModuleTree.Sites(_model).Where(site => site.Module is TModule module and not Spliced && !Replaced(module)).ToArray();
        var warnings = ModuleTree.Unregistered<TModule>(_model);
        if (sites.Length == 0) throw new InvalidOperationException(Refusal.NothingFound<TModule>(_model, warnings));
        using var before = Before();   // no scope: parameters that make creates must live on
        var passes = Probe.IsRandom(_model) ? MostPasses : 1;
        var splices = new List<Splice>();
        try
        {
            foreach (var splice in Plan(sites))
            {
                splices.Add(splice);
                splice.Apply();
            }
            if (splices.Count == 0)
                throw new InvalidOperationException($"make returned null for each of the {sites.Length} modules of type {typeof(TModule).Name}, so nothing was inserted.");
            var change = Prove(splices, before, passes);
            foreach (var splice in splices) splice.Settle(_model);
            return new RetrofitReport(_model, splices, warnings, change);
        }
        catch
        {
            foreach (var splice in Enumerable.Reverse(splices)) splice.Undo(_model);
            throw;
        }
    }

    // A model that cannot run may be mended by what replaces a part of it; if it is not, the proof fails in the same way.
    private Tensor? Before()
    {
        try
        {
            return Probe.Run(_model, _probe);
        }
        catch (InvalidOperationException) when (_placement == Placement.Instead)
        {
            return null;
        }
    }

    private bool Replaced(nn.Module<Tensor, Tensor> module) => _placement == Placement.Instead && HookChain.Replaces(module);

    // A module that sits in several places gets a layer for each, unless one of them needs a hook: hooks belong to the module, so it gets one.
    private List<Splice> Plan(IReadOnlyList<ModuleSite> sites)
    {
        var plan = new List<Splice>();
        foreach (var places in sites.GroupBy(site => site.Module, ReferenceEqualityComparer.Instance))
        {
            var narrow = places.FirstOrDefault(site => site.Obstacle is not null);
            foreach (var site in narrow is null ? places.AsEnumerable() : [narrow])
                if (Layer(site) is { } layer)
                    plan.Add(narrow is null ? new SiteSplice(site, _placement, layer) : new HookSplice(site, narrow.Obstacle!, _placement, layer));
        }
        return plan;
    }

    private nn.Module<Tensor, Tensor>? Layer(ModuleSite site)
    {
        if (_make(site.Path) is not { } layer) return null;
        if (ReferenceEquals(layer, _model) || _model.modules().Contains(layer, ReferenceEqualityComparer.Instance))
            throw new ArgumentException($"make must return a new layer; for '{site.Path}' it returned a {layer.GetType().Name} that is part of the model.", "make");
        layer.to(_probe.device_type, _probe.device_index);
        layer.train(site.Module.training);
        return layer;
    }

    private double Prove(IReadOnlyList<Splice> splices, Tensor? before, int passes)
    {
        using var scope = NewDisposeScope();
        var after = Probe.Run(_model, _probe);
        if (before is not null && !after.shape.SequenceEqual(before.shape))
            throw new InvalidOperationException(
                $"With the layers the model gives {Require.Shape(after)} for the probe, and gave {Require.Shape(before)} without. An inserted layer must keep the shape of its input.");
        for (var pass = 1; pass < passes && splices.Any(splice => splice.Calls == 0); pass++) Probe.Run(_model, _probe).Dispose();
        var idle = splices.Where(splice => splice.Calls == 0).ToArray();
        if (idle.Length > 0) throw new InvalidOperationException(Refusal.NeverRan(idle));
        return before is null ? double.NaN : (after - before).abs().max().ToDouble();
    }
}
