using System.IO.Compression;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

/// <summary>Writes what PyTorch's torch.save writes: a ZIP archive with a pickle and one file for each storage; and what it never writes.</summary>
internal sealed class PthFile
{
    private readonly MemoryStream _pickle = new();
    private readonly Dictionary<string, byte[]> _storages = [];

    public PthFile() => _pickle.Write([0x80, 2]);

    public CompressionLevel Level { get; init; } = CompressionLevel.NoCompression;

    /// <summary>A dictionary of tensors under names.</summary>
    public PthFile Tensors(params (string Name, Tensor Value)[] tensors)
    {
        Op('}', '(');
        foreach (var (name, value) in tensors) Text(name).Whole(value);
        return Op('u');
    }

    /// <summary>The same, as the value of a key in a dictionary that also has an epoch.</summary>
    public PthFile Nested(string key, params (string Name, Tensor Value)[] tensors) =>
        Op('}', '(').Text(key).Tensors(tensors).Text("epoch").Op('K', (char)3).Op('u');

    /// <summary>A tensor with a storage of its own.</summary>
    public PthFile Whole(Tensor value)
    {
        var strides = new long[value.dim()];
        var stride = 1L;
        for (var i = strides.Length - 1; i >= 0; i--) (strides[i], stride) = (stride, stride * value.shape[i]);
        var key = Store(value.numel() == 0 ? [] : value.contiguous().bytes.ToArray());
        return View(key, Storage(value.dtype), value.numel(), 0, value.shape, strides);
    }

    public string Store(byte[] content)
    {
        var key = $"{_storages.Count}";
        _storages[key] = content;
        return key;
    }

    /// <summary>A tensor over a storage.</summary>
    public PthFile View(string key, string storage, long elements, long offset, long[] shape, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Op('(', '(').Text("storage").Global("torch", storage).Text(key).Text("cpu").Number(elements).Op('t', 'Q');
        Number(offset).Tuple(shape).Tuple(strides).Op((char)0x89);
        return Global("collections", "OrderedDict").Op(')', 'R', 't', 'R');
    }

    /// <summary>A call of a Python function with one text.</summary>
    public PthFile Call(string module, string function, string argument) => Global(module, function).Op('(').Text(argument).Op('t', 'R');

    public PthFile Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Op('X');
        _pickle.Write(BitConverter.GetBytes(bytes.Length));
        _pickle.Write(bytes);
        return this;
    }

    public PthFile Op(params char[] codes)
    {
        foreach (var code in codes) _pickle.WriteByte((byte)code);
        return this;
    }

    public byte[] ToArray(params (string Name, string Text)[] others)
    {
        Op('.');
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "archive/data.pkl", _pickle.ToArray());
            foreach (var (key, content) in _storages) Add(zip, $"archive/data/{key}", content);
            foreach (var (name, text) in others) Add(zip, $"archive/{name}", Encoding.UTF8.GetBytes(text));
        }

        return file.ToArray();
    }

    private static string Storage(ScalarType type) => type switch
    {
        ScalarType.Float64 => "DoubleStorage",
        ScalarType.Float16 => "HalfStorage",
        ScalarType.BFloat16 => "BFloat16Storage",
        ScalarType.Int64 => "LongStorage",
        _ => "FloatStorage",
    };

    private PthFile Global(string module, string name)
    {
        Op('c');
        _pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
        return this;
    }

    private PthFile Number(long value)
    {
        Op('J');
        _pickle.Write(BitConverter.GetBytes((int)value));
        return this;
    }

    private PthFile Tuple(long[] values)
    {
        Op('(');
        foreach (var value in values) Number(value);
        return Op('t');
    }

    private void Add(ZipArchive zip, string name, byte[] content)
    {
        using var entry = zip.CreateEntry(name, Level).Open();
        entry.Write(content);
    }
}
