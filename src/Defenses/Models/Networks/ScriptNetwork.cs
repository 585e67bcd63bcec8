using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>A TorchScript module as a network, so that layers can stand before and after it: noise, an input transform, a vote.</summary>
/// <remarks>
/// Gradients pass through it. What is inside is compiled: a retrofit does not see its layers, and hooks on them do not run. Mode, weights and device are those
/// of the script module; a frozen module has no mode and counts as evaluated. Does not own the script module.
/// The script module is no child of this one, because TorchSharp makes new handles of its parts each time it lists them.
/// </remarks>
public sealed class ScriptNetwork : nn.Module<Tensor, Tensor>, ICompiledNetwork
{
    private readonly jit.ScriptModule<Tensor, Tensor>? _script;   // null while the base is constructed
    private readonly bool _isFrozen;
    private bool _isDisposed;

    /// <summary>Wraps a module that <c>torch.jit.load&lt;Tensor, Tensor&gt;(path)</c> has read.</summary>
    /// <param name="script">Input (N, …) to output (N, …). Not owned.</param>
    public ScriptNetwork(jit.ScriptModule<Tensor, Tensor> script) : base(nameof(ScriptNetwork))
    {
        _script = Require.NotNull(script, nameof(script));
        _isFrozen = NetworkModes.IsFrozen(script);
        foreach (var parameter in script.parameters()) parameter.DetachFromDisposeScope();   // loaded inside a scope, they would end with it
        foreach (var buffer in script.buffers()) buffer.DetachFromDisposeScope();
    }

    /// <summary>Whether a part of the script module trains, whatever the mode of the whole is.</summary>
    internal bool HasPartInTraining => !_isFrozen && !_isDisposed && _script is { } script && NetworkModes.HasPartInTraining(script);

    /// <inheritdoc/>
    public override bool training => !_isFrozen && _script?.training == true;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => _script!.call(input);

    /// <inheritdoc/>
    public override void train(bool on = true)
    {
        if (!_isFrozen) _script?.train(on);
    }

    /// <inheritdoc/>
    public override void eval() => train(false);

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        _isDisposed || _script is null ? [] : _script.named_parameters(recurse);

    /// <inheritdoc/>
    public override IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(found => found.parameter);

    /// <inheritdoc/>
    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
        _isDisposed || _script is null ? [] : _script.named_buffers(recurse, include_nonpersistent);

    /// <inheritdoc/>
    public override IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
        named_buffers(recurse, include_nonpersistent).Select(found => found.buffer);

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null) =>
        _script!.state_dict(destination, prefix);

    /// <inheritdoc/>
    protected override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        _script!.to(device, dtype, non_blocking);
        return this;
    }

    /// <inheritdoc/>
    protected override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        _script!.to(deviceType, deviceIndex, non_blocking);
        return this;
    }

    /// <inheritdoc/>
    protected override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        _script!.to(dtype, non_blocking);
        return this;
    }

    /// <summary>Lets go of the script module without disposing it.</summary>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }
}
