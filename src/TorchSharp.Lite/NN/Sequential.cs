using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

// Its children live in two lists of its own, not in the registry of the base class.
public class Sequential : nn.Module<Tensor, Tensor>
{
    private List<nn.IModule<Tensor, Tensor>> _modules = [];
    private List<string> _names = [];

    internal Sequential() : base("")
    {
    }

    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
    {
        foreach (var (name, submodule) in modules) append(name, submodule);
    }

    protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
    {
        foreach (var module in modules) append(module);
    }

    public int Count => _modules.Count;

    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => _modules[index];

    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    [IndexerName("SequentialItems")]
    public Sequential this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    private Sequential Slice(int start, int end)
    {
        if (start < 0 || start > Count) throw new IndexOutOfRangeException($"{start} is not a valid index.");
        if (end < 0 || end > Count) throw new IndexOutOfRangeException($"{end} is not a valid index.");
        var part = new Sequential();
        for (var i = start; i < end; i++) part.append(_names[i], _modules[i]);
        return part;
    }

    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        _modules.Add(module);
        _names.Add(name);
        return this;
    }

    public Sequential append(nn.IModule<Tensor, Tensor> module) => append($"{Count}", module);

    // Every intermediate is disposed as soon as the next module has used it.
    public override Tensor forward(Tensor tensor)
    {
        if (Count == 0) return tensor.alias();
        var result = _modules[0].call(tensor);
        for (var i = 1; i < _modules.Count; i++)
        {
            var next = _modules[i].call(result);
            result.Dispose();
            result = next;
        }
        return result;
    }

    private IEnumerable<(string Name, nn.Module Module)> Entries()
    {
        for (var i = 0; i < _modules.Count; i++) yield return (_names[i], (nn.Module)_modules[i]);
    }

    public override IEnumerable<(string name, nn.Module module)> named_children() => Entries();

    public override IEnumerable<(string name, nn.Module module)> named_modules()
    {
        foreach (var entry in Entries()) yield return entry;
        foreach (var (prefix, child) in Entries())
            foreach (var (key, module) in child.named_modules())
                yield return ($"{prefix}.{key}", module);
    }

    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
    {
        if (!recurse) yield break;
        var seen = new HashSet<IntPtr> { IntPtr.Zero };
        foreach (var (prefix, child) in Entries())
            foreach (var (key, parameter) in child.named_parameters(true))
                if (seen.Add(parameter.handle)) yield return ($"{prefix}.{key}", parameter);
    }

    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true)
    {
        if (!recurse) yield break;
        var seen = new HashSet<IntPtr> { IntPtr.Zero };
        foreach (var (prefix, child) in Entries())
            foreach (var (key, buffer) in child.named_buffers(true, include_persistent))
                if (seen.Add(buffer.handle)) yield return ($"{prefix}.{key}", buffer);
    }

    public override nn.Module apply(Action<nn.Module> fn)
    {
        foreach (var (_, child) in Entries()) child.apply(fn);
        fn(this);
        return this;
    }

    public override void train(bool on = true) => base.train(on);

    public override void eval() => base.eval();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            foreach (var (_, child) in Entries()) child.Dispose();
        base.Dispose(disposing);
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, child) in Entries()) child._to(device, dtype, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        foreach (var (_, child) in Entries()) child._to(deviceType, deviceIndex, non_blocking);
        return this;
    }

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        foreach (var (_, child) in Entries()) child._to(dtype, non_blocking);
        return this;
    }
}
