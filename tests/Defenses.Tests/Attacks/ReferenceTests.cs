using System.Text.Json;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Element by element against what Foolbox computed on the same network and images (Reference/Data/vendor).</summary>
public sealed class ReferenceTests
{
    [Theory]
    [InlineData("fgsm_eps0.1", 2e-5)]
    [InlineData("fgsm_eps0.3", 2e-5)]
    [InlineData("pgd_linf_eps0.3_step0.01_40", 2e-5)]
    [InlineData("pgd_l2_eps2_step0.2_20", 1e-3)]
    public void Equals_the_reference_pixel_by_pixel(string name, double tolerance)
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (x, labels) = ReferenceNetwork.Vendor();
        var expected = Npy.Read(ReferenceNetwork.VendorPath($"adversarial_{name}_f32.npy")).view(x.shape);
        using var result = Settings(name).Run(new Classifier(network, Bounds.Unit), x, labels);
        var agreeing = (result.Adversarial - expected).abs().le(tolerance).to_type(ScalarType.Float64).mean().ToDouble();
        agreeing.Should().BeGreaterThanOrEqualTo(0.999);
    }

    [SharedTheory("reference")]
    [InlineData("fgsm_eps0.1")]
    [InlineData("fgsm_eps0.3")]
    [InlineData("bim_eps0.3_step0.01_40")]
    [InlineData("pgd_eps0.3_step0.01_40")]
    [InlineData("pgdl2_eps2_step0.2_20")]
    public void Equals_the_reference_on_mnist(string name)
    {
        using var network = ReferenceNetwork.Load();
        using var scope = NewDisposeScope();
        var (x, labels) = ReferenceNetwork.Mnist();
        var expected = Npy.Read(SharedFolder.Path("reference", $"adversarial_{name}_f16.npy")).to_type(ScalarType.Float32).view(x.shape);
        using var result = Settings(name).Run(new Classifier(network, Bounds.Unit), x, labels);
        var agreeing = (result.Adversarial - expected).abs().le(1e-3).to_type(ScalarType.Float64).mean().ToDouble();
        agreeing.Should().BeGreaterThanOrEqualTo(0.999);
    }

    private static Attack Settings(string name) => name switch
    {
        "fgsm_eps0.1" => new Fgsm(0.1),
        "fgsm_eps0.3" => new Fgsm(0.3),
        "bim_eps0.3_step0.01_40" => new Bim(0.3) { StepSize = 0.01, Steps = 40 },
        "pgd_l2_eps2_step0.2_20" or "pgdl2_eps2_step0.2_20" =>
            new Pgd(2) { Norm = Norm.L2, StepSize = 0.2, Steps = 20, RandomStart = false, Restarts = 1 },
        _ => new Pgd(0.3) { StepSize = 0.01, Steps = 40, RandomStart = false, Restarts = 1 },
    };
}
