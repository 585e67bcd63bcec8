using Defenses.Certification;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class BrokenCertificatesCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.BrokenCertificates;

    // Radii that nobody proved.
    protected override ModelCheckup Checkup => base.Checkup with
    {
        Smoothing = Smoothing(Digits.Unprotected), Certificates = [.. Enumerable.Range(0, 32).Select(image => Claim(image, 5) with { Class = image % 10 })],
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

    // A linear boundary at distance 1: whatever the noise, 1 is the largest radius that can be promised.
    [Theory]
    [InlineData(1.3, "1 of 1 certificates fail: image 0 is certified as 1 up to 1.3, and is taken for 0 at 1.29.")]
    [InlineData(1.08, "1 of 1 certificates fail: image 0 is certified as 1 up to 1.08, and is taken for 0 at 1.07.")]   // 39 % of the draws are right there
    [InlineData(0.98, null)]
    public void A_radius_is_broken_where_it_reaches_beyond_the_boundary(double radius, string? reason)
    {
        using var model = new Half();
        var found = Probe(model, [1], [Claim(0, radius)]);
        found.Select(finding => (finding.Severity, finding.Reason)).Should().Equal(reason is null ? [] : [(Severity.Invalid, reason)]);
    }

    // Each attack goes as far as one of the radii: what promises less has been left behind.
    [Theory]
    [InlineData(0, 0.3, 0.5)]
    [InlineData(1, 0.8, 1)]
    [InlineData(2, 1.8, 2)]
    public void The_smallest_the_middle_and_the_largest_radius_are_each_attacked(int wrong, double distance, double radius)
    {
        using var model = new Half();
        double[] distances = [1, 2, 3], radii = [0.5, 1, 2];
        distances[wrong] = distance;
        var reason = Probe(model, distances, [.. radii.Select((each, image) => Claim(image, each))]).Single().Reason;
        reason.Should().StartWith($"1 of 3 certificates fail: image {wrong} is certified as 1 up to {radius},");
    }

    [Fact]
    public void A_certificate_that_fails_at_every_radius_is_counted_once()
    {
        using var model = new Half();
        var reason = Probe(model, [4, 3, 0.3], [.. new[] { 0.5, 1.0, 2 }.Select((each, image) => Claim(image, each))]).Single().Reason;
        reason.Should().StartWith("1 of 3 certificates fail: image 2");
    }

    // Twenty certificates in another order than the images, which are numbered 100 … 119; two of them claim nothing, and of the rest 16 are looked at.
    [Theory]
    [InlineData(119, 2)]
    [InlineData(104, 3)]
    public void The_largest_certificates_are_found_by_the_number_of_their_image(int wrong, double radius)
    {
        using var model = new Half();
        double Radius(int number) => number == wrong ? radius : number % 10 == 3 ? 0 : number % 5 == 0 ? 2 : 1;
        Certificate[] given = [.. Enumerable.Range(100, 20).Select(number => Claim(number, Radius(number))).Reverse()];
        var reason = Probe(model, [.. Enumerable.Range(100, 20).Select(number => number == wrong ? radius - 0.2 : 4.0)], given, first: 100).Single().Reason;
        reason.Should().StartWith($"1 of 16 certificates fail: image {wrong} is certified as 1 up to {radius},");
    }

    [Fact]
    public void Where_nothing_is_promised_nothing_is_broken()
    {
        using var model = new Half();
        Probe(model, [1, 2], [new Certificate(0, 1, 0, 0.4, 400, 1000), new Certificate(1, 1, 0, 0.4, 400, 1000)]).Should().BeEmpty();
        Probe(model, [1, 2], [new Certificate(7, 1, 5, 0.9, 900, 1000)]).Should().BeEmpty("of other images");
    }

    // Certified at distance 1, but for one image on the boundary; then the boundary moves to 0.2 from them.
    [Fact]
    public void Certificates_of_its_own_are_made_for_the_first_eight_images()
    {
        using var model = new Half { MovesAfter = 8 * 1100 };
        var found = Probe(model, [1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1], null);
        found.Single().Reason.Should().StartWith("7 of 7 certificates fail: image 0 is certified as 1");
    }

    // The gradient is five times as rough as it is large; and where the answer is as sure as this one, it is nothing without noise.
    [Fact]
    public void The_attack_averages_over_noise_and_takes_steps()
    {
        using var rough = new RoughGradient(5);
        using var network = nn.Sequential(("rough", rough), ("half", new Half()));
        network.eval();
        Probe(network, [0.7], [Claim(0, 1.2)]).Should().ContainSingle();
        using var sure = new Half { Slope = 1000 };
        Probe(sure, [0.3], [Claim(0, 0.5)]).Should().ContainSingle();
    }

    [Fact]
    public void The_attack_looks_through_the_noise_of_the_certificates()
    {
        using var model = new Half();
        Probe(model, [2], [Claim(0, 1.2)]);
        var noise = model.First!.Select(value => value - 2 / Math.Sqrt(Half.Elements)).ToArray();
        noise.Average().Should().BeApproximately(0, 4 * 0.25 / Math.Sqrt(noise.Length));
        Math.Sqrt(noise.Average(value => value * value)).Should().BeApproximately(0.25, 4 * 0.25 / Math.Sqrt(2 * noise.Length));
    }

    private IReadOnlyList<Finding> Probe(nn.Module<Tensor, Tensor> network, double[] distances, IReadOnlyList<Certificate>? certificates, int first = 0)
    {
        using var scope = NewDisposeScope();
        var model = new Classifier(network, new Bounds(-6, 6));
        var x = (tensor(distances, dtype: ScalarType.Float32) / Math.Sqrt(Half.Elements)).unsqueeze(1).expand(distances.Length, Half.Elements).contiguous();
        var checkup = new ModelCheckup(0.1) { Smoothing = Smoothing(model), Certificates = certificates };
        var (labels, numbers) = (ones(distances.Length, dtype: ScalarType.Int64), Enumerable.Range(first, distances.Length).ToArray());
        return Subject.Probe(new CheckContext(checkup, model, x, labels, numbers, 1, CancellationToken.None));
    }

    // Class 1 on one side of a plane through 0, class 0 on the other. After so many rows the plane moves by 0.8.
    private sealed class Half : nn.Module<Tensor, Tensor>
    {
        internal const int Elements = 200;
        private long _rows;

        internal Half() : base(nameof(Half)) => eval();

        internal double Slope { get; init; } = 3;

        internal long MovesAfter { get; init; } = long.MaxValue;

        internal double[]? First { get; private set; }

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            First ??= Numbers.Of(x);
            var side = (x.sum(1, keepdim: true) / Math.Sqrt(Elements) - (_rows >= MovesAfter ? 0.8 : 0)) * Slope;
            _rows += x.shape[0];
            return cat([-side, side], 1).MoveToOuterDisposeScope();
        }
    }

    private static Certificate Claim(int image, double radius) => new(image, 1, radius, 0.99, 990, 1000);

    private static RandomizedSmoothing Smoothing(Classifier model) => new(model, 0.25) { EstimationDraws = 1000, Seed = 3 };
}
