using TorchSharp;
using TorchSharp.Modules;

namespace Defenses.Retrofit;

/// <summary>Why a model was not changed, and what its owner can do.</summary>
internal static class Refusal
{
    private const int Shown = 20;

    private static readonly Type[] s_activations =
    [
        typeof(ReLU), typeof(ReLU6), typeof(LeakyReLU), typeof(PReLU), typeof(RReLU), typeof(ELU), typeof(CELU), typeof(SELU), typeof(GELU), typeof(SiLU), typeof(Mish),
        typeof(Hardswish), typeof(Hardtanh), typeof(Hardsigmoid), typeof(Sigmoid), typeof(Tanh), typeof(Softplus), typeof(Softsign), typeof(Threshold),
    ];

    internal static string NothingFound<T>(torch.nn.Module model, IReadOnlyList<string> warnings) where T : torch.nn.Module
    {
        var wanted = typeof(T).Name;
        var modules = model.named_modules().Select(entry => $"{entry.name} ({entry.module.GetType().Name})").ToArray();
        var list = modules.Length == 0 ? "It has no registered modules." :
            $"It has {string.Join(", ", modules.Take(Shown))}{(modules.Length > Shown ? $" and {modules.Length - Shown} more" : "")}.";
        var self = model is T ? $" The model itself is a {wanted}, and nothing holds it: put it and the layer into a Sequential." : "";
        return $"The model {model.GetType().Name} has no module of type {wanted} to act on. {Others<T>(model)}{list}{self} A function called inside forward, such as " +
            $"torch.nn.functional.relu, cannot be seen: make it a module. {string.Join(" ", warnings)}".TrimEnd();
    }

    // Whoever looks for one activation is told of those that are there.
    private static string Others<T>(torch.nn.Module model)
    {
        var others = s_activations.Contains(typeof(T)) ? model.modules().Select(module => module.GetType()).Where(s_activations.Contains).GroupBy(type => type).ToArray() : [];
        if (others.Length == 0) return "";
        var first = others.MaxBy(type => type.Count())!.Key.Name;
        return $"Its activations are {string.Join(", ", others.Select(type => $"{type.Key.Name} ({type.Count()})"))}: " +
            $"Replace<{first}>, InsertBefore<{first}> and InsertAfter<{first}> act on those. ";
    }

    internal static string NeverRan(IReadOnlyList<Splice> idle) =>
        $"{(idle.Count == 1 ? "A layer" : $"{idle.Count} layers")} never ran on the probe, and the model was left as it was. " +
        string.Join(" ", idle.Take(Shown).Select(splice => $"'{splice.Site.Path}' ({splice.Site.Module.GetType().Name}): {splice.Doubt}."));
}
