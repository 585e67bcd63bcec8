using System.Globalization;
using Defenses.Certification;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Cli;

/// <summary>What was proved, written as certify.json, certify.md and certify.html.</summary>
internal sealed record CertifyReport
{
    public string Schema { get; init; } = "defense-bench.certificates/1";

    public required string Model { get; init; }

    public required string DataSet { get; init; }

    public required double Sigma { get; init; }

    public required double Alpha { get; init; }

    public required int SelectionDraws { get; init; }

    public required int Draws { get; init; }

    public required string Seed { get; init; }

    /// <summary>Images for which nothing was proved.</summary>
    public required Proportion Abstained { get; init; }

    /// <summary>At each radius the share of images that provably keep their right class.</summary>
    public required IReadOnlyList<RadiusShare> Accuracy { get; init; }

    /// <summary>The same at evenly spaced radii up to the largest.</summary>
    public required IReadOnlyList<RadiusShare> Curve { get; init; }

    public required IReadOnlyList<Certificate> Certificates { get; init; }

    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>All that repeats it.</summary>
    public required Origin Origin { get; init; }

    /// <summary>The shares at each of some radii.</summary>
    internal static IReadOnlyList<RadiusShare> Shares(IReadOnlyList<Certificate> certificates, IReadOnlyList<long> labels, IEnumerable<double> radii) =>
        [.. radii.Select(radius => new RadiusShare(radius, CertifiedAccuracy.At(certificates, labels, radius)))];

    internal void Save(string folder)
    {
        var page = Page();
        AtomicFile.WriteAll(folder, ("certify.json", Json.Text(this)), ("certify.md", page.ToMarkdown()), ("certify.html", page.ToHtml()));
    }

    private Page Page() => new()
    {
        Eyebrow = $"Certificates: {Model}, {DataSet}", Title = Title,
        Lead = [$"No change of an image that is shorter in L2 than a radius brings the accuracy of the smoothed classifier below the number beside it, "
            + "whatever the attack. It holds for the model under this noise, and not for the model without it.",
            $"For {Abstained} of the images nothing was proved; they count as errors."],
        Findings = Findings,
        Sections =
        [
            new PageSection("How accurate the model stays within a radius")
            {
                Tables = [new PageTable("", "Radius in L2", ["Images that provably keep their right class"],
                    [.. Accuracy.Select(share => new PageRow(Number(share.Radius), [PageCell.Of(share.Accuracy)]))])],
                Figures = [new CurveFigure("Certified accuracy over the radius", new FigureAxis("radius in L2") { Low = 0 },
                    FigureAxis.Rate("certified accuracy"),
                    [new FigureSeries($"σ = {Number(Sigma)}", [.. Curve.Select(share => FigurePoint.At(share.Radius, share.Accuracy))])]) { HasDots = false }],
            },
        ],
        Method =
        [
            new("Images", $"{Certificates.Count} of {DataSet}"), new("Noise", $"σ = {Number(Sigma)}, in units of pixels"),
            new("Draws", $"{SelectionDraws} to choose the class, {Draws} to bound its probability"), new("Error of a certificate", $"at most {Number(Alpha)}"),
            new("Seed", Seed), new("Command", Origin.Command),
            new("Versions", string.Join(", ", Origin.Versions.Select(version => $"{version.Key} {version.Value}"))),
        ],
    };

    // A radius that tells something: the largest of the table that is above 0 where there is one.
    private string Title => (Accuracy.FirstOrDefault(share => share.Radius > 0) ?? Accuracy[0]) is var shown
        ? $"Within {Number(shown.Radius)} in L2, {Number(Math.Round(100 * shown.Accuracy.Rate, 1))} % of the images provably keep their right class." : "";

    private static string Number(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>A radius in L2, and the share of images that provably keep their right class within it.</summary>
    internal sealed record RadiusShare(double Radius, Proportion Accuracy);
}
