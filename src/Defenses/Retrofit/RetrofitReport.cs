using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>The changes of a retrofit to a model, proven on the probe. Disposing the report removes the layers.</summary>
/// <remarks>
/// Reports may be disposed in any order. The layers themselves are not disposed: the caller owns them. If a report is
/// never disposed, the layers stay in the model.
/// </remarks>
public sealed class RetrofitReport : IDisposable
{
    private readonly nn.Module _model;
    private readonly IReadOnlyList<Insertion> _insertions;
    private bool _disposed;

    internal RetrofitReport(nn.Module model, IReadOnlyList<Insertion> insertions, IReadOnlyList<string> warnings, double outputChange)
    {
        (_model, _insertions, Warnings, OutputChange) = (model, insertions, warnings, outputChange);
        Layers = [.. insertions.Select(insertion => insertion.Describe())];
    }

    /// <summary>Every inserted layer, in module order: where, by which route, and how often it ran on the probe.</summary>
    public IReadOnlyList<InsertedLayer> Layers { get; }

    /// <summary>Modules of the wanted type that could not be found as part of the model, with the reason.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The largest absolute difference between the model's output on the probe after and before.</summary>
    /// <remarks>
    /// 0 means that the layers ran and changed nothing. For a model that was random before, the difference includes this randomness. NaN if the model could
    /// not run before the replacement.
    /// </remarks>
    public double OutputChange { get; }

    /// <summary>Removes the inserted layers and restores every module, field, registry entry and flag. Weights trained meanwhile stay.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var insertion in _insertions.Reverse()) insertion.Undo(_model);
    }

    /// <summary>One line per layer, then the change of the output and the warnings.</summary>
    public override string ToString() => string.Join(Environment.NewLine,
        [.. Layers.Select(layer => layer.ToString()),
            string.Create(CultureInfo.InvariantCulture, $"largest change of the output on the probe: {OutputChange:G4}"),
            .. Warnings.Select(warning => $"warning: {warning}")]);
}

/// <summary>The position of an inserted layer relative to its module.</summary>
public enum Placement
{
    /// <summary>Directly before the module: module(layer(x)).</summary>
    Before,

    /// <summary>Directly after the module: layer(module(x)).</summary>
    After,

    /// <summary>In place of the module: layer(x).</summary>
    Instead,
}

/// <summary>How a layer was inserted into a model.</summary>
public enum RetrofitRoute
{
    /// <summary>The slot of a container (Sequential, ModuleList, ModuleDict) now holds another module.</summary>
    Slot,

    /// <summary>The parent's fields that held the module, and the parent's registry, now hold another module.</summary>
    Field,

    /// <summary>
    /// The module stays where it is and a hook runs the layer, because a field of a concrete type can hold no other module. Hooks run
    /// when the module is called with <c>call()</c>, and never with <c>forward()</c>.
    /// </summary>
    Hook,
}
