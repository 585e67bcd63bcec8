using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] protected Parameter? _bias;
    [ComponentName(Name = nameof(weight))] protected Parameter? _weight;

    // Last dimension first and each number twice, as functional.pad wants it.
    protected long[] _reversed_padding_repeated_twice = [];

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding,
        Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode,
        Device? device = null, ScalarType? dtype = null) : base(name)
    {
        if (transposed && padding_mode != PaddingModes.Zeros)
            throw new ArgumentException("Only PaddingModes.Zeros is supported for ConvTransposeND", nameof(padding_mode));
        (this.in_channels, this.out_channels, this.groups, this.transposed) = (in_channels, out_channels, groups, transposed);
        (this.kernel_size, this.stride, this.dilation, this.output_padding) = (kernel_size, stride, dilation, output_padding);
        this.padding_mode = padding_mode;
        if (padding_type is { } type) SetPadding(type);
        else SetPadding(padding ?? new long[kernel_size.Length]);
        long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = nn.Parameter(empty([.. channels, .. kernel_size], dtype: dtype, device: device));
        if (bias) this.bias = nn.Parameter(empty(out_channels, dtype: dtype, device: device));
        reset_parameters();
    }

    public long in_channels { get; }
    public long out_channels { get; }
    public bool transposed { get; }
    public Padding? padding_type { get; private set; }
    public long[]? padding { get; private set; }
    public PaddingModes padding_mode { get; set; }
    public long groups { get; set; }
    public long[] kernel_size { get; set; }
    public long[] stride { get; set; }
    public long[] dilation { get; set; }
    public long[] output_padding { get; set; }

    public Parameter weight
    {
        get => _weight!;
        set
        {
            if (value.handle == _weight?.handle) return;
            _weight?.Dispose();
            _weight = (Parameter)value.DetachFromDisposeScope();
            ConditionallyRegisterParameter(nameof(weight), _weight);
        }
    }

    public Parameter? bias
    {
        get => _bias;
        set
        {
            _bias?.Dispose();
            _bias = (Parameter?)value?.DetachFromDisposeScope();
            ConditionallyRegisterParameter(nameof(bias), _bias);
        }
    }

    public void reset_parameters()
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is null) return;
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        if (fanIn == 0) return;
        var bound = 1 / Math.Sqrt(fanIn);
        nn.init.uniform_(bias, -bound, bound);
    }

    public void SetPadding(long[] padding)
    {
        (this.padding, padding_type) = (padding, null);
        _reversed_padding_repeated_twice = [.. padding.Reverse().SelectMany(width => new[] { width, width })];
    }

    public void SetPadding(Padding padding)
    {
        if (transposed) throw new ArgumentException("Cannot set padding type on ConvTransposeND");
        (this.padding, padding_type) = (null, padding);
        _reversed_padding_repeated_twice = new long[2 * kernel_size.Length];
        if (padding != Padding.Same) return;
        if (stride.Any(step => step != 1)) throw new ArgumentException("padding='same' is not supported for strided convolutions");
        for (var i = 0; i < kernel_size.Length; i++)
        {
            var total = dilation[i] * (kernel_size[i] - 1);
            _reversed_padding_repeated_twice[2 * i] = total / 2;
            _reversed_padding_repeated_twice[2 * i + 1] = total - total / 2;
        }
    }

    protected bool ValidateShape(Tensor input, long dimensions)
    {
        var shape = input.shape;
        return shape.Length == dimensions + 2 ? shape[1] == in_channels : shape.Length == dimensions + 1 && shape[0] == in_channels;
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _weight?.Dispose();
        _bias?.Dispose();
        base.Dispose(disposing);
    }

    private Convolution Move(ScalarType? dtype, Device? device)
    {
        MoveParameter(dtype, device, _weight, moved => weight = moved);
        MoveParameter(dtype, device, _bias, moved => bias = moved);
        return this;
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => Move(dtype, device);

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
        Move(null, new Device(deviceType, deviceIndex));

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => Move(dtype, null);
}
