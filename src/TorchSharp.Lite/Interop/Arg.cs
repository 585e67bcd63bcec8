using System.Runtime.CompilerServices;
using System.Text;

namespace TorchSharp;

/// <summary>An argument of an operator: made by implicit conversion, written into a <see cref="Value"/> for the call.</summary>
internal readonly struct Arg
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly Tag _tag;
    private readonly int _size;

    private Arg(Tag tag, long bits = 0, object? reference = null, int size = 0)
    {
        _tag = tag;
        _bits = bits;
        _reference = reference;
        _size = size;
    }

    /// <summary>No value, where the schema has "?".</summary>
    internal static Arg None => default;

    /// <summary>The schema's own default.</summary>
    internal static Arg Default => new(Tag.Default);

    internal object? Reference => _reference;

    public static implicit operator Arg(torch.Tensor? value) => value is null ? default : new(Tag.Tensor, 0, value);
    public static implicit operator Arg(long value) => new(Tag.Int, value);
    public static implicit operator Arg(int value) => new(Tag.Int, value);
    public static implicit operator Arg(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(float value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(bool value) => new(Tag.Bool, value ? 1 : 0);
    public static implicit operator Arg(long? value) => value is { } v ? v : default(Arg);
    public static implicit operator Arg(double? value) => value is { } v ? v : default(Arg);
    public static implicit operator Arg(bool? value) => value is { } v ? v : default(Arg);
    public static implicit operator Arg(string? value) => value is null ? default : new(Tag.String, 0, value);
    public static implicit operator Arg(long[]? value) => value is null ? default : new(Tag.IntList, 0, value);
    public static implicit operator Arg(ReadOnlySpan<long> value) => new(Tag.IntList, 0, value.ToArray());
    public static implicit operator Arg(Span<long> value) => new(Tag.IntList, 0, value.ToArray());
    public static implicit operator Arg(double[]? value) => value is null ? default : new(Tag.DoubleList, 0, value);
    public static implicit operator Arg(bool[]? value) => value is null ? default : new(Tag.BoolList, 0, value);
    public static implicit operator Arg(Scalar? value) => value is null ? default : value.AsArg();
    public static implicit operator Arg(torch.ScalarType? value) => value is { } v ? new(Tag.Int, (long)v) : default;
    public static implicit operator Arg(torch.Device? value) =>
        value is null ? default : new(Tag.Device, value.index, null, (int)value.type);
    public static implicit operator Arg(torch.Generator? value) => value is null ? default : new(Tag.Generator, 0, value);
    public static implicit operator Arg(torch.Tensor?[]? value) => value is null ? default : new(Tag.TensorList, 0, value);

    /// <summary>How many 8-byte words of scratch memory the argument needs beside its <see cref="Value"/>.</summary>
    internal int Words => _tag < Tag.String || _reference is null ? 0 : _reference switch
    {
        string text => Encoding.UTF8.GetMaxByteCount(text.Length) / 8 + 1,
        Array list => list.Length,
        _ => 0,
    };

    /// <summary>Writes the argument; lists go to the scratch memory, of which the rest is returned.</summary>
    internal unsafe long* Write(Value* value, long* scratch)
    {
        *value = new Value { Tag = _tag, Size = _size, Bits = _bits };
        if (_reference is null) return scratch;
        if (_tag == Tag.Tensor)
        {
            value->Bits = Unsafe.As<torch.Tensor>(_reference).Handle;
            return scratch;
        }
        return WriteReference(value, scratch);
    }

    private unsafe long* WriteReference(Value* value, long* scratch)
    {
        value->Bits = (long)scratch;
        switch (_reference)
        {
            case torch.Generator generator:
                value->Bits = generator.Handle;
                return scratch;
            case string text:
                value->Size = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, Words * 8));
                return scratch + Words;
            case long[] list:
                list.CopyTo(new Span<long>(scratch, list.Length));
                break;
            case double[] list:
                list.CopyTo(new Span<double>(scratch, list.Length));
                break;
            case bool[] list:
                for (var i = 0; i < list.Length; i++) scratch[i] = list[i] ? 1 : 0;
                break;
            case torch.Tensor?[] list:
                for (var i = 0; i < list.Length; i++) scratch[i] = list[i]?.Handle ?? 0;
                break;
        }
        value->Size = ((Array)_reference!).Length;
        return scratch + value->Size;
    }

    /// <summary>Keeps what the argument refers to alive until here.</summary>
    internal void KeepAlive()
    {
        GC.KeepAlive(_reference);
    }
}
