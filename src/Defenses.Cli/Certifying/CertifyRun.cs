using System.Globalization;
using System.Text.Json;
using Defenses.Certification;
using Defenses.Papers;
using Defenses.Statistics;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>Certifies a model by randomized smoothing, image by image; each certificate is kept as soon as it is done.</summary>
internal sealed class CertifyRun(ModelSettings settings, CertifySettings certify, Func<LoadedModel, Origin> origin, CancellationToken cancellation)
{
    private const int CurvePoints = 50;
    private readonly Display _display = new(AnsiConsole.Console);

    internal async Task Execute()
    {
        using var model = await LoadedModel.Read(settings, cancellation);
        var folder = StoppedWork.Open(settings.Run, new
        {
            model = model.Name, weights = model.FileHash(), images = model.Data.Digest(), normalization = settings.Normalization, certify.Sigma, certify.Draws,
            certify.Selection, certify.Alpha, seed = $"{settings.Run.Seed}",
        }, "certify.json").Protocol("certify");
        var (certificates, labels) = _display.Share("certify", model.Data.Chosen, progress => Certify(model, folder, progress));
        var report = Report(model, certificates, labels);
        report.Save(settings.Run.Out);
        Show(report);
    }

    private (IReadOnlyList<Certificate> Certificates, IReadOnlyList<long> Labels) Certify(LoadedModel model, string folder, Action<double> progress)
    {
        var smoothing = new RandomizedSmoothing(model.View, certify.Sigma)
        {
            EstimationDraws = certify.Draws, SelectionDraws = certify.Selection, Alpha = certify.Alpha, Seed = settings.Run.Seed,
        };
        var (certificates, classes) = (new List<Certificate>(), new List<long>());
        for (var i = 0L; i < model.Data.Chosen; i++)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var (image, labels) = model.Data.Read(i, 1);
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{i}.json"));
            if (Finished(path) is { } found) certificates.Add(found);
            else
            {
                certificates.AddRange(smoothing.Certify(image, i, cancellation: cancellation));
                AtomicFile.Write(path, JsonSerializer.Serialize(certificates[^1], Json.Compact));
            }
            classes.Add(labels.item<long>());
            progress(i + 1);
        }
        return (certificates, classes);
    }

    // A damaged file counts as missing.
    private static Certificate? Finished(string path)
    {
        if (!File.Exists(path)) return null;
        try { return JsonSerializer.Deserialize<Certificate>(File.ReadAllText(path), Json.Compact); }
        catch (JsonException) { return null; }
    }

    private CertifyReport Report(LoadedModel model, IReadOnlyList<Certificate> certificates, IReadOnlyList<long> labels)
    {
        var largest = Math.Max(certificates.Max(each => each.Radius), certify.Sigma);
        return new CertifyReport
        {
            Model = model.Name, DataSet = model.Data.Name, Sigma = certify.Sigma, Alpha = certify.Alpha, SelectionDraws = certify.Selection,
            Draws = certify.Draws, Seed = $"{settings.Run.Seed}",
            Abstained = new Proportion(certificates.Count(each => !each.IsCertified), certificates.Count),
            Accuracy = CertifyReport.Shares(certificates, labels, certify.Radii),
            Curve = CertifyReport.Shares(certificates, labels, Enumerable.Range(0, CurvePoints + 1).Select(point => point * largest / CurvePoints)),
            Certificates = certificates, Findings = model.LowAccuracy is { } low ? [low with { Defense = null }] : [], Origin = origin(model),
        };
    }

    private void Show(CertifyReport report)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape($"{report.Model}, σ = {certify.Sigma:0.###}, {report.Certificates.Count} images"))
            .AddColumn("radius in L2").AddColumn("certified accuracy");
        foreach (var share in report.Accuracy)
            table.AddRow(share.Radius.ToString("0.###", CultureInfo.InvariantCulture), Markup.Escape($"{share.Accuracy}"));
        AnsiConsole.Write(table);
        _display.Say($"Nothing could be proved for {report.Abstained}.");
        _display.Say($"Report: {Path.GetFullPath(Path.Combine(settings.Run.Out, "certify.html"))} (also certify.md, certify.json)");
    }
}
