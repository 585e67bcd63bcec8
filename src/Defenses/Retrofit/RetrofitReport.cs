using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>What a retrofit did to a model, proven on the probe. Disposing it takes the layers out again.</summary>
/// <remarks>
/// Reports may be disposed in any order. The layers themselves are not disposed: they belong to whoever made them. A report that is
/// never disposed leaves the layers in the model for good.
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

    /// <summary>Modules of the wanted type that could not be seen as part of the model, and why.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>The largest absolute difference between the model's output on the probe after and before.</summary>
    /// <remarks>
    /// 0 says that the layers ran and did nothing; on a model that drew at random before, chance is part of it. NaN where the model could not run before,
    /// and the replacement mended it.
    /// </remarks>
    public double OutputChange { get; }

    /// <summary>Takes the inserted layers out: every module, field, registry entry and flag is as it was. Weights trained meanwhile stay.</summary>
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

/// <summary>Where an inserted layer stands relative to the module it was inserted for.</summary>
public enum Placement
{
    /// <summary>Directly before the module: module(layer(x)).</summary>
    Before,

    /// <summary>Directly after the module: layer(module(x)).</summary>
    After,

    /// <summary>In place of the module: layer(x).</summary>
    Instead,
}

/// <summary>How a layer got into a model.</summary>
public enum RetrofitRoute
{
    /// <summary>The slot of a container (Sequential, ModuleList, ModuleDict) holds another module now.</summary>
    Slot,

    /// <summary>The field or fields of the parent that held the module hold another one now, and so does the parent's registry.</summary>
    Field,

    /// <summary>
    /// The module stays where it is and a hook runs the layer, because a field of a concrete type can hold no other module. Hooks run
    /// when the module is called with <c>call()</c>, and never with <c>forward()</c>.
    /// </summary>
    Hook,
}
