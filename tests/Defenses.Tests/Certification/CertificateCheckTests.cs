using Defenses.Certification;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Certification;

public sealed class CertificateCheckTests
{
    private static readonly Bounds s_bounds = new(-3, 3);

    [Fact]
    public void Sound_certificates_stand_against_points_at_the_edge_of_their_radius()
    {
        using var scope = NewDisposeScope();
        using var model = new RandomizedSmoothingTests.Line();
        var (smoothing, x) = Smoothing(model);
        var certificates = smoothing.Certify(x);
        certificates.Should().OnlyContain(certificate => certificate.IsCertified);
        var verdict = new CertificateCheck(smoothing).Test(certificates, x, Towards(x, certificates, share: 0.999));
        verdict.Tested.Should().Be(8);
        verdict.Certified.Should().Be(8);
        verdict.Holds.Should().BeTrue();
    }

    [Fact]
    public void Certificates_that_claim_too_much_are_broken_by_what_lies_within_them_only()
    {
        using var scope = NewDisposeScope();
        using var model = new RandomizedSmoothingTests.Line();
        var (smoothing, x) = Smoothing(model);
        var sound = smoothing.Certify(x);
        Certificate[] bold = [.. sound.Select((certificate, i) => i < 3 ? certificate with { Radius = 2 * certificate.Radius } : certificate)];
        var beyond = Towards(x, sound, share: 1.5);   // past the boundary, within the first three
        var verdict = new CertificateCheck(smoothing).Test(bold, x, beyond);
        verdict.Tested.Should().Be(3);
        verdict.Holds.Should().BeFalse();
        verdict.Broken.Select(broken => broken.Certificate.Index).Should().Equal(0, 1, 2);
        verdict.Broken.Should().OnlyContain(broken => broken.Distance < broken.Certificate.Radius && broken.Probability < 0.5 && broken.Answer == 0);
    }

    // A class without a single vote in d draws has a probability of at most 1 − (α/n)^(1/d): of 2 points at α = 0.002 that
    // is 0.4988 for 10 draws and 0.5358 for 9.
    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void All_points_together_are_accused_at_the_stated_risk(long draws, bool broken)
    {
        using var scope = NewDisposeScope();
        using var model = new RandomizedSmoothingTests.Line();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), 0.01) { Seed = 1 };
        var x = full([3, 2], 1.0, dtype: ScalarType.Float64);
        // the third is not attacked within its radius
        Certificate[] claimed = [.. Enumerable.Range(0, 3).Select(i => new Certificate(i, 1, i < 2 ? 9 : 1, 0.99, 99, 100))];
        var verdict = new CertificateCheck(smoothing) { Draws = draws, Alpha = 0.002 }.Test(claimed, x, -x);
        (verdict.Tested, verdict.Broken.Count).Should().Be((2, broken ? 2 : 0));
        verdict.Broken.All(found => Math.Abs(found.Probability - (1 - Math.Pow(0.001, 1.0 / draws))) < 1e-9
            && Math.Abs(found.Distance - 2 * Math.Sqrt(2)) < 1e-12).Should().BeTrue();
    }

    [Fact]
    public void A_point_at_the_radius_itself_is_not_within_it()
    {
        using var scope = NewDisposeScope();
        using var model = new RandomizedSmoothingTests.Line();
        var (smoothing, _) = Smoothing(model);
        var x = tensor(new[,] { { 0.25, 0.25 } });
        var there = tensor(new[,] { { -0.25, 0.25 } });
        new CertificateCheck(smoothing) { Draws = 100 }.Test([new Certificate(0, 1, 0.5, 0.99, 99, 100)], x, there).Tested.Should().Be(0);
    }

    [Fact]
    public void An_example_that_fools_the_base_network_but_not_its_smoothing_breaks_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = new Hole();
        var smoothing = new RandomizedSmoothing(new Classifier(model, s_bounds), 0.5) { EstimationDraws = 2000, Seed = 1 };
        var x = tensor(new[,] { { 0.3, 0.3 } });
        var certificates = smoothing.Certify(x);
        certificates[0].Class.Should().Be(1);
        certificates[0].Radius.Should().BeGreaterThan(0.5);
        var fooled = zeros_like(x);
        model.call(fooled).argmax(1).ToInt64().Should().Be(0);
        new CertificateCheck(smoothing).Test(certificates, x, fooled).Should().Match<CertificateVerdict>(verdict => verdict.Tested == 1 && verdict.Holds);
    }

    [Fact]
    public void Where_nothing_was_proved_nothing_can_be_broken()
    {
        using var scope = NewDisposeScope();
        using var model = new RandomizedSmoothingTests.Line();
        var (smoothing, x) = Smoothing(model);
        Certificate[] none = [.. smoothing.Certify(x).Select(certificate => certificate with { Radius = 0 })];
        new CertificateCheck(smoothing).Test(none, x, -x).Should().BeEquivalentTo(new CertificateVerdict(0, 0, []));
    }

    [Fact]
    public void Leaves_no_tensor_behind_and_refuses_what_does_not_fit()
    {
        using var model = new RandomizedSmoothingTests.Line();
        using var scope = NewDisposeScope();
        var (smoothing, x) = Smoothing(model);
        var certificates = smoothing.Certify(x);
        var check = new CertificateCheck(smoothing) { Draws = 200 };
        Leaks.None(() => check.Test(certificates, x, x));
        check.Invoking(c => c.Test(certificates, x, x.narrow(0, 0, 2))).Should().Throw<ArgumentException>().WithParameterName("adversarial");
        check.Invoking(c => c.Test([certificates[0]], x, x)).Should().Throw<ArgumentException>().WithMessage("*8 images*1*");
    }

    private static (RandomizedSmoothing, Tensor) Smoothing(RandomizedSmoothingTests.Line model)
    {
        var x = full([8, 2], 0.3, dtype: ScalarType.Float64);
        return (new RandomizedSmoothing(new Classifier(model, s_bounds), 0.5) { EstimationDraws = 5000, Seed = 1, RowsPerPass = 5000 }, x);
    }

    // Straight to the boundary, by a share of each radius.
    private static Tensor Towards(Tensor x, IReadOnlyList<Certificate> certificates, double share)
    {
        var lengths = tensor(certificates.Select(certificate => certificate.Radius * share / Math.Sqrt(2)).ToArray()).unsqueeze(1);
        return x - lengths;
    }

    /// <summary>Class 1 everywhere but in a small disc around the origin.</summary>
    private sealed class Hole : nn.Module<Tensor, Tensor>
    {
        internal Hole() : base(nameof(Hole)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var outside = (x.pow(2).sum(1, keepdim: true) - 0.01) * 100;
            return cat([-outside, outside], 1).MoveToOuterDisposeScope();
        }
    }
}
