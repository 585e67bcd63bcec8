using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>Replaces a module by the module with a layer before or after it. Weights keep the keys that they have without the layer.</summary>
/// <remarks>
/// Both are registered children, so that modes and devices reach them and a walk over the modules finds them. Names of weights and buffers are the
/// same as without the wrapper. Weights of the layer, if any, come after them under the layer's own name.
/// </remarks>
internal sealed class WrappedModule : nn.Module<Tensor, Tensor>, IChain
{
    internal const string OriginalName = "original";
    private readonly Placement _placement;
    private readonly bool _disposes;
    private readonly WrappedModule? _outer;
    private nn.Module<Tensor, Tensor> _original, _layer;

    /// <summary>Wraps a module.</summary>
    /// <param name="original">The module.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="placement">The position of the layer.</param>
    /// <param name="slot">The slot of the wrapper. In a Sequential the wrapper disposes the tensor between the two, as Sequential does.</param>
    internal WrappedModule(nn.Module<Tensor, Tensor> original, nn.Module<Tensor, Tensor> layer, Placement placement,
        ModuleSlot slot) : base(nameof(WrappedModule))
    {
        (_placement, _original, _layer, _disposes, _outer) = (placement, original, layer, Disposes(slot.Parent), slot.Parent as WrappedModule);
        LayerName = FreeName();
        train(original.training);   // before children are registered, so that their modes do not change
        register_module(OriginalName, original);
        register_module(LayerName, layer);
    }

    /// <summary>The key of the layer.</summary>
    internal string LayerName { get; }

    /// <summary>How often the layer ran.</summary>
    internal long Calls { get; private set; }

    internal nn.Module<Tensor, Tensor> Original
    {
        get => _original;
        set => _internal_submodules[OriginalName] = _original = value;
    }

    internal nn.Module<Tensor, Tensor> Layer
    {
        get => _layer;
        set => _internal_submodules[LayerName] = _layer = value;
    }

    /// <inheritdoc/>
    public IReadOnlyList<nn.Module> Links =>
        _placement switch { Placement.Before => [_layer, _original], Placement.After => [_original, _layer], _ => [_layer] };

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        Calls++;
        if (_placement == Placement.Instead) return ForwardPass.Run(_layer, input);
        var isBefore = _placement == Placement.Before;
        var between = isBefore ? ForwardPass.Run(_layer, input) : _original.call(input);
        var output = isBefore ? _original.call(between) : ForwardPass.Run(_layer, between);
        if (_disposes && !ReferenceEquals(between, input) && !ReferenceEquals(between, output)) between.Dispose();
        return output;
    }

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        recurse ? [.. _original.named_parameters(), .. _layer.named_parameters().Select(entry => (Key(entry.name), entry.parameter))] : [];

    /// <inheritdoc/>
    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) => recurse
        ? [.. _original.named_buffers(true, include_nonpersistent),
            .. _layer.named_buffers(true, include_nonpersistent).Select(entry => (Key(entry.name), entry.buffer))]
        : [];

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
    {
        destination = _original.state_dict(destination, prefix);
        return _layer.state_dict(destination, string.IsNullOrEmpty(prefix) ? LayerName : $"{prefix}.{LayerName}");
    }

    /// <inheritdoc/>
    public override Parameter? get_parameter(string target) => named_parameters().FirstOrDefault(entry => entry.name == target).parameter;

    /// <inheritdoc/>
    public override bool has_parameter(string target) => get_parameter(target) is not null;

    /// <inheritdoc/>
    public override Tensor? get_buffer(string target) => named_buffers().FirstOrDefault(entry => entry.name == target).buffer;

    /// <inheritdoc/>
    public override bool has_buffer(string target) => get_buffer(target) is not null;

    // The constructor registers the children; fields need no registration.
    /// <inheritdoc/>
    protected override void RegisterComponents() { }

    // torch's implementation caches the device and would skip a move to the CPU if the module was wrapped on another device.
    /// <inheritdoc/>
    protected override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        _original.to(deviceType, deviceIndex, non_blocking);
        _layer.to(deviceType, deviceIndex, non_blocking);
        return this;
    }

    private string Key(string name) => $"{LayerName}.{name}";

    private static bool Disposes(nn.Module parent) => parent is Sequential or WrappedModule { _disposes: true };

    // Must differ from the names of the module's children and of outer wrappers: their keys are on the same level.
    private string FreeName()
    {
        var taken = _original.named_children().Select(child => child.name).ToHashSet();
        for (var outer = _outer; outer is not null; outer = outer._outer) taken.Add(outer.LayerName);
        var name = _placement.ToString().ToLowerInvariant();
        return taken.Contains(name) ? Enumerable.Range(2, taken.Count).Select(i => $"{name}{i}").First(candidate => !taken.Contains(candidate)) : name;
    }
}
