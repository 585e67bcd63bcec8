using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>One retrofit: finds the slots, inserts the layers, proves on the probe that they run, and undoes everything if that fails.</summary>
internal sealed class RetrofitRun
{
    private const int MaxPasses = 1024;   // misses one of 50 equally likely routes with probability 1e-9
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
        var slots = ModuleTree.Slots(_model).Where(slot => slot.Module is TModule module and not WrappedModule && !Replaced(module)).ToArray();
        var warnings = ModuleTree.Unregistered<TModule>(_model);
        if (slots.Length == 0) throw new InvalidOperationException(RetrofitErrors.NothingFound<TModule>(_model, warnings));
        using var before = OutputBefore();   // no scope: it would free parameters that make creates
        var passes = Probe.IsRandom(_model) ? MaxPasses : 1;
        var insertions = new List<Insertion>();
        try
        {
            foreach (var insertion in Plan(slots))
            {
                insertions.Add(insertion);
                insertion.Apply();
            }
            if (insertions.Count == 0)
                throw new InvalidOperationException(
                    $"make returned null for each of the {slots.Length} modules of type {typeof(TModule).Name}, so nothing was inserted.");
            var change = RequireAllRan(insertions, before, passes);
            foreach (var insertion in insertions) insertion.OnProven(_model);
            return new RetrofitReport(_model, insertions, warnings, change);
        }
        catch
        {
            foreach (var insertion in Enumerable.Reverse(insertions)) insertion.Undo(_model);
            throw;
        }
    }

    // A replacement may repair a model that cannot run. If it does not, the run after the insertion fails in the same way.
    private Tensor? OutputBefore()
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

    // A module in several slots gets one layer for each slot. If one slot needs a hook, it gets a single layer, because hooks belong to the module.
    private List<Insertion> Plan(IReadOnlyList<ModuleSlot> slots)
    {
        var plan = new List<Insertion>();
        foreach (var places in slots.GroupBy(slot => slot.Module, ReferenceEqualityComparer.Instance))
        {
            var narrow = places.FirstOrDefault(slot => slot.Obstacle is not null);
            foreach (var slot in narrow is null ? places.AsEnumerable() : [narrow])
                if (Layer(slot) is { } layer)
                    plan.Add(narrow is null ? new WrapperInsertion(slot, _placement, layer) : new HookInsertion(slot, narrow.Obstacle!, _placement, layer));
        }
        return plan;
    }

    private nn.Module<Tensor, Tensor>? Layer(ModuleSlot slot)
    {
        if (_make(slot.Path) is not { } layer) return null;
        if (ReferenceEquals(layer, _model) || _model.modules().Contains(layer, ReferenceEqualityComparer.Instance))
            throw new ArgumentException($"make must return a new layer; for '{slot.Path}' it returned a {layer.GetType().Name} that is part of the model.",
                "make");
        layer.to(_probe.device_type, _probe.device_index);
        layer.train(slot.Module.training);
        return layer;
    }

    private double RequireAllRan(IReadOnlyList<Insertion> insertions, Tensor? before, int passes)
    {
        using var scope = NewDisposeScope();
        var after = Probe.Run(_model, _probe);
        if (before is not null && !after.shape.SequenceEqual(before.shape))
            throw new InvalidOperationException(
                $"With the layers the model gives {Require.Shape(after)} for the probe, and gave {Require.Shape(before)} without. " +
                "An inserted layer must keep the shape of its input.");
        for (var pass = 1; pass < passes && insertions.Any(insertion => insertion.Calls == 0); pass++) Probe.Run(_model, _probe).Dispose();
        var idle = insertions.Where(insertion => insertion.Calls == 0).ToArray();
        if (idle.Length > 0) throw new InvalidOperationException(RetrofitErrors.NeverRan(idle));
        return before is null ? double.NaN : (after - before).abs().max().ToDouble();
    }
}

/// <summary>Runs a model in evaluation mode and without a graph. Modes, flags and streams are unchanged afterwards.</summary>
internal static class Probe
{
    /// <summary>The output for x.</summary>
    internal static Tensor Run(nn.Module<Tensor, Tensor> model, Tensor x)
    {
        using var mode = new EvaluationMode(model);
        using var streams = model.LendStreams(null);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var input = x.alias();   // the model may free its input
        var output = ForwardPass.Run(model, input);
        return (ReferenceEquals(output, input) ? output.alias() : output).MoveToOuterDisposeScope();
    }

    /// <summary>Whether the model is random in evaluation mode: then some parts may run only in some passes.</summary>
    internal static bool IsRandom(nn.Module<Tensor, Tensor> model)
    {
        using var mode = new EvaluationMode(model);
        return model.IsRandom();
    }
}

/// <summary>Error texts: why a model was not changed, and how to fix it.</summary>
internal static class RetrofitErrors
{
    private const int Shown = 20;

    private static readonly Type[] s_activations =
    [
        typeof(ReLU), typeof(ReLU6), typeof(LeakyReLU), typeof(PReLU), typeof(RReLU), typeof(ELU), typeof(CELU), typeof(SELU), typeof(GELU), typeof(SiLU),
            typeof(Mish),
        typeof(Hardswish), typeof(Hardtanh), typeof(Hardsigmoid), typeof(Sigmoid), typeof(Tanh), typeof(Softplus), typeof(Softsign), typeof(Threshold),
    ];

    internal static string NothingFound<T>(torch.nn.Module model, IReadOnlyList<string> warnings) where T : torch.nn.Module
    {
        var wanted = typeof(T).Name;
        var modules = model.named_modules().Select(entry => $"{entry.name} ({entry.module.GetType().Name})").ToArray();
        var list = modules.Length == 0 ? "It has no registered modules." :
            $"It has {string.Join(", ", modules.Take(Shown))}{(modules.Length > Shown ? $" and {modules.Length - Shown} more" : "")}.";
        var self = model is T ? $" The model itself is a {wanted}, so no module contains it: put it and the layer into a Sequential." : "";
        return $"The model {model.GetType().Name} has no module of type {wanted}. {OtherActivations<T>(model)}{list}{self} A function called " +
            $"inside forward, such as " +
            $"torch.nn.functional.relu, cannot be found: make it a module. {Script(model)}{string.Join(" ", warnings)}".TrimEnd();
    }

    private static string Script(torch.nn.Module model) => model.modules().Prepend(model).Any(module => module is torch.jit.ScriptModule or ICompiledNetwork)
        ? "What is inside a TorchScript module is compiled and cannot be changed: put the layer before or after the module, in a Sequential, " +
            "or change the original network and trace it again. "
        : "";

    // If one activation type was wanted, the message lists the activations that exist.
    private static string OtherActivations<T>(torch.nn.Module model)
    {
        var others = s_activations.Contains(typeof(T)) ? model.modules().Select(module => module.GetType()).Where(s_activations.Contains).GroupBy(type => type)
            .ToArray() : [];
        if (others.Length == 0) return "";
        var first = others.MaxBy(type => type.Count())!.Key.Name;
        return $"Its activations are {string.Join(", ", others.Select(type => $"{type.Key.Name} ({type.Count()})"))}: " +
            $"Replace<{first}>, InsertBefore<{first}> and InsertAfter<{first}> act on those. ";
    }

    internal static string NeverRan(IReadOnlyList<Insertion> idle) =>
        $"{(idle.Count == 1 ? "A layer" : $"{idle.Count} layers")} never ran on the probe, and the model is unchanged. " +
        string.Join(" ", idle.Take(Shown).Select(insertion => $"'{insertion.Slot.Path}' ({insertion.Slot.Module.GetType().Name}): {insertion.IdleReason}."));
}
