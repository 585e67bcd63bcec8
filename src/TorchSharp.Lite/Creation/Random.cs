namespace TorchSharp;

public static partial class torch
{
    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        Finish(Op.Call("randint.low_generator", low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator);

    public static Tensor randint(long low, long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) => randint(low, high, size.Shape, dtype, device, requires_grad, generator);

    public static Tensor randint(long high, Size size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) => randint(0, high, size.Shape, dtype, device, requires_grad, generator);

    public static Tensor randint(int low, int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randint(low, high, Array.ConvertAll(size, length => (long)length), dtype, device, requires_grad, generator);

    public static Tensor randint(int high, int[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null) =>
        Finish(Op.Call("randperm.generator", n, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    public static Tensor randperm(long n, Tensor @out, Generator? generator = null) =>
        Op.Call("randperm.generator_out", n, generator, @out);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Finish(Op.Call("normal.float_float", mean, std, size, generator, dtype ?? s_defaultType, Arg.None, device), requires_grad);

    public static Tensor normal(Tensor mean, Tensor std, Generator? generator = null) =>
        Op.Call("normal.Tensor_Tensor", mean, std, generator);

    public static double rand_float(Generator? generator = null)
    {
        using var draw = rand(1, generator: generator);
        return draw.ToDouble();
    }

    public static double randn_float(Generator? generator = null)
    {
        using var draw = randn(1, generator: generator);
        return draw.ToDouble();
    }

    public static long randint_long(long high, Generator? generator = null) => randint_long(0, high, generator);

    public static long randint_long(long low, long high, Generator? generator = null)
    {
        using var draw = randint(low, high, [1], generator: generator);
        return draw.ToInt64();
    }

    public static int randint_int(int high, Generator? generator = null) => (int)randint_long(0, high, generator);

    public static int randint_int(int low, int high, Generator? generator = null) => (int)randint_long(low, high, generator);
}
