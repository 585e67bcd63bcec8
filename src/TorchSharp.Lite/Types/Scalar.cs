namespace TorchSharp;

/// <summary>A number with a dtype. Held in managed memory: nothing has to be disposed.</summary>
public sealed class Scalar : IDisposable
{
    private readonly long _integer;
    private readonly double _real;

    internal Scalar(long value, torch.ScalarType type) => (_integer, _real, Type) = (value, value, type);

    internal Scalar(double value, torch.ScalarType type) => (_integer, _real, Type) = (unchecked((long)value), value, type);

    public torch.ScalarType Type { get; }

    internal double Real => _real;

    internal long Integer => _integer;

    public static implicit operator Scalar(byte value) => new((long)value, torch.ScalarType.Byte);
    public static implicit operator Scalar(sbyte value) => new((long)value, torch.ScalarType.Int8);
    public static implicit operator Scalar(short value) => new((long)value, torch.ScalarType.Int16);
    public static implicit operator Scalar(int value) => new((long)value, torch.ScalarType.Int32);
    public static implicit operator Scalar(long value) => new(value, torch.ScalarType.Int64);
    public static implicit operator Scalar(Half value) => new((double)value, torch.ScalarType.Float16);
    public static implicit operator Scalar(float value) => new((double)value, torch.ScalarType.Float32);
    public static implicit operator Scalar(double value) => new(value, torch.ScalarType.Float64);
    public static implicit operator Scalar(bool value) => new(value ? 1L : 0L, torch.ScalarType.Bool);

    public void Dispose() { }

    internal Arg AsArg() => torch.is_floating_point(Type) ? Real : Type == torch.ScalarType.Bool ? Integer != 0 : Integer;
}
