using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A detector: the mean difference of neighboring pixels. Images (N, C, H, W).</summary>
public sealed class RoughnessDetector(Bounds bounds) : Detector(bounds)
{
    public override bool IsDifferentiable => true;

    protected override Tensor ComputeScore(Tensor images, ulong? seed)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (images.shape[2], images.shape[3]);
        var down = images.narrow(2, 1, height - 1) - images.narrow(2, 0, height - 1);
        var across = images.narrow(3, 1, width - 1) - images.narrow(3, 0, width - 1);
        return (down.abs().flatten(1).mean([1L]) + across.abs().flatten(1).mean([1L])).MoveToOuterDisposeScope();
    }
}

public sealed class RoughnessDetectorTests : DetectorContract
{
    private readonly nn.Module<Tensor, Tensor> _network = new LinearModel(16, 2);

    public override void Dispose()
    {
        _network.Dispose();
        base.Dispose();
    }

    protected override nn.Module<Tensor, Tensor> Network => _network;

    protected override Tensor Clean => Pictures(60, 0);

    protected override Tensor Attacked => Pictures(40, 0.15);

    protected override Detector Make(ulong? seed = 1) => new RoughnessDetector(Bounds.Unit) { Seed = seed };

    // Images of one brightness with a little noise, and the same images with a pattern of single pixels.
    private static Tensor Pictures(long count, double strength)
    {
        using var scope = NewDisposeScope();
        var line = tensor(new[] { 1f, -1, 1, -1 });
        var pattern = (line.unsqueeze(1) * line.unsqueeze(0)).view(1, 1, 4, 4);
        var brightness = Numbers.Uniform([count, 1, 1, 1]) * 0.4 + 0.3;
        return (brightness + Numbers.Normal([count, 1, 4, 4], seed: 2) * 0.02 + pattern * strength).clamp(0, 1).MoveToOuterDisposeScope();
    }
}
