using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Statistics;
using DefenseBench.Training;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace DefenseBench.Doctor;

/// <summary>Examines a saved model: loads it, puts layers in, probes it, and says what was found.</summary>
internal sealed class DoctorRun(RunSettings settings, DoctorSettings doctor, CancellationToken cancellation) : IDisposable
{
    private const double GreyBudget = 64 / 255d, ColourBudget = 8 / 255d;
    private readonly Display _display = new(AnsiConsole.Console);
    private readonly List<IDisposable> _made = [];

    /// <summary>The exit code.</summary>
    internal async Task<int> Execute()
    {
        var orders = doctor.Layers.Select(LayerOrder.Parse).ToArray();
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        using var data = await Digits.Load(settings, 1, doctor.Images, "mnist", cancellation);
        Directory.CreateDirectory(settings.Out);
        var described = ModelFile.Described(doctor.Model);
        var (name, network) = Load(data, described);
        using var probe = data.Test.Images(0, 1);
        using var input = Preprocess(data) is { } preprocess ? preprocess(probe) : probe.alias();
        var layers = orders.SelectMany(order => Kept(order.Put(network, input)).Layers).ToArray();
        network.eval();
        network.Reseed(settings.Seed);
        var model = new Classifier(network, Bounds.Unit, Preprocess(data)) { ChannelsLast = true };
        var checkup = Checkup(data, model) with
        {
            ExpectedLayers = [.. layers.Select(layer => layer.Layer)], Surrogate = layers.Length == 0 ? null : new Classifier(Load(data, described).Network, Bounds.Unit, Preprocess(data)),
        };
        _display.Say($"[bold]{name}[/] from {doctor.Model}, {layers.Length} layers put in, on [bold]{data.Test.Name}[/], ε = {checkup.Epsilon * 255:0.#}/255");
        var diagnosis = Examine(data, model, checkup) with { Network = name, Layers = [.. layers.Select(layer => $"{layer}")] };
        diagnosis.Save(settings.Out);
        Show(diagnosis);
        return diagnosis.ExitCode;
    }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    // The network as the file holds it, without layers.
    private (string Name, nn.Module<Tensor, Tensor> Network) Load(Digits data, TrainedModel? described)
    {
        var channels = doctor.Channels ?? described?.Channels ?? [];
        var zoo = ZooNetwork.Find(doctor.Network == "auto" && described is not null ? described.Network : doctor.Network, data.Test.ImageShape);
        nn.Module<Tensor, Tensor> network = channels.Count > 0 ? ModelFile.Switching(data.IsColour, channels, settings.Seed) : zoo.Make(settings.Seed);
        _made.Add(network);
        ModelFile.Load(network, doctor.Model);
        network.eval();
        return (channels.Count > 0 ? $"{zoo.Name}, switching {string.Join("×", channels)}" : zoo.Name, network);
    }

    private Func<Tensor, Tensor>? Preprocess(Digits data)
    {
        var (mean, std) = doctor.Normalisation;
        if (mean.Count == 0 && std.Count == 0) return null;
        if (mean.Count != std.Count || (mean.Count != 1 && mean.Count != data.Test.ImageShape[0]))
            throw new UserError($"--mean and --std must have one number, or one for each of {data.Test.ImageShape[0]} channels; they have {mean.Count} and {std.Count}.");
        return Preprocessing.Normalize(mean, std);
    }

    private ModelCheckup Checkup(Digits data, Classifier model) => new(doctor.Epsilon ?? (data.IsColour ? ColourBudget : GreyBudget))
    {
        Seed = settings.Seed, Images = doctor.Images, Checks = doctor.Cheap ? ModelCheck.Cheap : ModelCheck.All, Attack = epsilon => new Pgd(epsilon) { Steps = doctor.Steps, Restarts = 1 },
        View = doctor.View switch
        {
            "plain" => View.Plain, "straight-through" => View.StraightThrough, "no-randomness" => View.WithoutRandomness, "eot" => View.Eot(doctor.EotDraws),
            _ => model.IsRandom ? View.Eot(doctor.EotDraws) : View.Plain,
        },
    };

    private Diagnosis Examine(Digits data, Classifier model, ModelCheckup checkup)
    {
        var count = (int)Math.Min(doctor.Images, data.Test.Count);
        var examples = new Examples(count, (first, size) => (data.Test.Images(first, size), data.Test.Labels.narrow(0, first, size).clone())) { Name = data.Test.Name };
        var findings = AnsiConsole.Progress().AutoClear(true).Columns(new SpinnerColumn(), new ProgressBarColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }).Start(context =>
        {
            var task = context.AddTask("checks");
            return checkup.Run(model, examples, new Relay<CheckProgress>(progress =>
            {
                (task.MaxValue, task.Value, task.Description) = (progress.Total, progress.Done, Markup.Escape(progress.Doing));
            }), cancellation);
        });
        return new Diagnosis
        {
            Model = doctor.Model, Network = "", Layers = [], DataSet = $"{count} of {data.Test.Name}", Epsilon = checkup.Epsilon, Attack = $"{checkup.Attack(checkup.Epsilon)}",
            View = checkup.View!.Name, Seed = $"{settings.Seed}", Accuracy = findings.Any(finding => finding.Severity == Severity.Invalid) ? null : Accuracy(data, model, count),
            Verdict = DefenseVerdict.Of("model", findings), Checks = [.. checkup.Checks.Select(check => check.Title)], Findings = findings,
        };
    }

    private Proportion Accuracy(Digits data, Classifier model, int count)
    {
        using var images = data.Test.Images(0, count);
        using var labels = data.Test.Labels.narrow(0, 0, count);
        return new Judge(20) { Seed = settings.Seed }.Measure(model, images, labels, 0, cancellation).Accuracy.MeanDraw;
    }

    private void Show(Diagnosis diagnosis)
    {
        if (diagnosis.Findings.Count > 0)
        {
            var table = new Table().RoundedBorder().AddColumn("").AddColumn("found").AddColumn("why, and what to do");
            foreach (var finding in diagnosis.Findings)
                table.AddRow(Coloured(finding.Severity), Markup.Escape(finding.Title), $"{Markup.Escape(finding.Reason)}\n[grey]{Markup.Escape(finding.Action)}[/]");
            AnsiConsole.Write(table);
        }
        if (diagnosis.Accuracy is { } accuracy) _display.Say($"Recognised without an attack: [bold]{accuracy.ToString()}[/]");
        _display.Say($"[bold]{diagnosis.Title}[/] Verdict: {diagnosis.Verdict.ToString()}. Report: {Path.GetFullPath(Path.Combine(settings.Out, "doctor.html"))}");
    }

    private static string Coloured(Severity severity) => severity switch
    {
        Severity.Invalid => "[red]invalid[/]", Severity.Warning => "[yellow]warning[/]", _ => "[grey]note[/]",
    };

    private RetrofitReport Kept(RetrofitReport report)
    {
        _made.Add(report);
        return report;
    }
}
