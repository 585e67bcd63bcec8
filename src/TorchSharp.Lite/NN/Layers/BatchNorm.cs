using static TorchSharp.torch;

namespace TorchSharp.Modules;

public abstract class BatchNorm : NormBase
{
    public BatchNorm(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device,
        ScalarType? dtype, string name) : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        var average = momentum ?? 0;
        if (training && track_running_stats && num_batches_tracked is { } batches)
        {
            batches.add_(1);
            average = momentum ?? 1.0 / batches.ToDouble();
        }
        var statistics = !training || track_running_stats;
        return nn.functional.batch_norm(input, statistics ? running_mean : null, statistics ? running_var : null, weight, bias,
            training || (running_mean is null && running_var is null), average, eps);
    }
}
