using TorchSharp;

namespace Defenses.Retrofit;

/// <summary>Why a model was not changed, and what its owner can do.</summary>
internal static class Refusal
{
    private const int Shown = 20;

    internal static string NothingFound<T>(torch.nn.Module model, IReadOnlyList<string> warnings) where T : torch.nn.Module
    {
        var wanted = typeof(T).Name;
        var modules = model.named_modules().Select(entry => $"{entry.name} ({entry.module.GetType().Name})").ToArray();
        var list = modules.Length == 0 ? "It has no registered modules." :
            $"It has {string.Join(", ", modules.Take(Shown))}{(modules.Length > Shown ? $" and {modules.Length - Shown} more" : "")}.";
        var self = model is T ? $" The model itself is a {wanted}, and nothing holds it: put it and the layer into a Sequential." : "";
        return $"The model {model.GetType().Name} has no module of type {wanted} to act on. {list}{self} A function called inside forward, such as " +
            $"torch.nn.functional.relu, cannot be seen: make it a module. {string.Join(" ", warnings)}".TrimEnd();
    }

    internal static string NeverRan(IReadOnlyList<Splice> idle) =>
        $"{(idle.Count == 1 ? "A layer" : $"{idle.Count} layers")} never ran on the probe, and the model was left as it was. " +
        string.Join(" ", idle.Take(Shown).Select(splice => $"'{splice.Site.Path}' ({splice.Site.Module.GetType().Name}): {splice.Doubt}."));
}
