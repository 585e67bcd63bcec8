using Defenses.Certification;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BrokenCertificatesCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new BrokenCertificatesCheck();

    // Radii that nobody proved.
    protected override ModelCheckup Checkup => base.Checkup with
    {
        Smoothing = Smoothing(Digits.Unprotected), Certificates = [.. Enumerable.Range(0, 32).Select(image => new Certificate(image, image % 10, 5, 0.99, 990, 1000))],
    };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network();

    protected override IReadOnlyList<Finding> OnSound()
    {
        using var network = Digits.Network();
        return Find(network, base.Checkup with { Smoothing = Smoothing(Digits.Classifier(network)) });
    }

    [Fact]
    public void Without_a_smoothed_classifier_it_looks_for_nothing()
    {
        using var network = Broken();
        Find(network, Checkup with { Smoothing = null }).Should().BeEmpty();
    }

    private static RandomizedSmoothing Smoothing(Classifier model) => new(model, 0.25) { EstimationDraws = 1000, Seed = 3 };
}
