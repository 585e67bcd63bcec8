using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))] private Parameter? _bias;
    [ComponentName(Name = nameof(weight))] private Parameter? _weight;
    [ComponentName(Name = nameof(running_mean))] private Tensor? _running_mean;
    [ComponentName(Name = nameof(running_var))] private Tensor? _running_var;
    [ComponentName(Name = nameof(num_batches_tracked))] private Tensor? _num_batches_tracked;

    public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device? device,
        ScalarType? dtype, string name) : base(name)
    {
        (this.num_features, this.eps, this.momentum) = (num_features, eps, momentum);
        (this.affine, this.track_running_stats) = (affine, track_running_stats);
        if (affine)
        {
            weight = nn.Parameter(empty(num_features, dtype: dtype, device: device));
            bias = nn.Parameter(empty(num_features, dtype: dtype, device: device));
        }
        if (track_running_stats)
        {
            running_mean = zeros(num_features, dtype: dtype, device: device);
            running_var = ones(num_features, dtype: dtype, device: device);
            num_batches_tracked = tensor(0L, dtype: dtype, device: device);
        }
        reset_parameters();
    }

    public long num_features { get; }
    public double eps { get; set; }
    public double? momentum { get; set; }
    public bool affine { get; }
    public bool track_running_stats { get; }

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

    public Tensor? running_mean
    {
        get => _running_mean;
        set => SetBuffer(ref _running_mean, nameof(running_mean), value);
    }

    public Tensor? running_var
    {
        get => _running_var;
        set => SetBuffer(ref _running_var, nameof(running_var), value);
    }

    public Tensor? num_batches_tracked
    {
        get => _num_batches_tracked;
        set => SetBuffer(ref _num_batches_tracked, nameof(num_batches_tracked), value);
    }

    private void SetBuffer(ref Tensor? buffer, string key, Tensor? value)
    {
        buffer?.Dispose();
        buffer = value?.DetachFromDisposeScope();
        ConditionallyRegisterBuffer(key, buffer);
    }

    public void reset_running_stats()
    {
        if (!track_running_stats) return;
        nn.init.zeros_(_running_mean!);
        nn.init.ones_(_running_var!);
        nn.init.zeros_(_num_batches_tracked!);
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (!affine) return;
        nn.init.ones_(_weight!);
        nn.init.zeros_(_bias!);
    }

    protected abstract void ValidateInputDimensions(Tensor input);

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        Tensor?[] all = [_weight, _bias, _running_mean, _running_var, _num_batches_tracked];
        foreach (var tensor in all) tensor?.Dispose();
        base.Dispose(disposing);
    }

    private NormBase Move(ScalarType? dtype, Device? device)
    {
        MoveParameter(dtype, device, _weight, moved => weight = moved);
        MoveParameter(dtype, device, _bias, moved => bias = moved);
        if (_running_mean is not null && ReplaceBuffer(dtype, device, _running_mean, out var mean)) running_mean = mean;
        if (_running_var is not null && ReplaceBuffer(dtype, device, _running_var, out var variance)) running_var = variance;
        if (_num_batches_tracked is not null && ReplaceBuffer(dtype, device, _num_batches_tracked, out var count))
            num_batches_tracked = count;
        return this;
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => Move(dtype, device);

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
        Move(null, new Device(deviceType, deviceIndex));

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => Move(dtype, null);
}
