using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class Linear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] private Parameter? _bias;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;

    internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
    {
        (in_features, out_features) = (inputSize, outputSize);
        weight = nn.Parameter(empty(outputSize, inputSize, dtype: dtype, device: device));
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (!hasBias) return;
        bias = nn.Parameter(empty(outputSize, dtype: dtype, device: device));
        var bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }

    internal Linear(Parameter weight, Parameter? bias) : base(nameof(Linear))
    {
        (in_features, out_features) = (weight.shape[1], weight.shape[0]);
        this.weight = weight;
        if (bias is not null) this.bias = bias;
    }

    public long in_features { get; set; }
    public long out_features { get; set; }

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

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight!, _bias);

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        _weight?.Dispose();
        _bias?.Dispose();
        base.Dispose(disposing);
    }

    private Linear Move(ScalarType? dtype, Device? device)
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
