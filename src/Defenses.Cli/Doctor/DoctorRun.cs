using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Retrofit;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Examines a saved model: loads it, puts layers in, probes it, and says what was found.</summary>
internal sealed class DoctorRun(ModelSettings settings, DoctorSettings doctor, Func<LoadedModel, Origin> origin, CancellationToken cancellation) : IDisposable
{
    private const double GreyBudget = 64 / 255d, ColourBudget = 8 / 255d;
    private readonly Display _display = new(AnsiConsole.Console);
    private readonly List<IDisposable> _made = [];

    /// <summary>The exit code.</summary>
    internal async Task<int> Execute()
    {
        var orders = doctor.Layers.Select(LayerOrder.Parse).ToArray();
        using var loaded = await LoadedModel.Read(settings, cancellation);
        var data = loaded.Data;
        var layers = orders.Length == 0 ? [] : PutIn(orders, loaded);
        var model = loaded.View;
        var checkup = Checkup(data, loaded) with
        {
            ExpectedLayers = [.. layers.Select(layer => layer.Layer)], Surrogate = layers.Length == 0 ? null
                : loaded.Wrap(loaded.ReadAgain()),
        };
        var epsilon = $"ε = {checkup.Epsilon * 255:0.#}/255";
        _display.Say($"[bold]{loaded.Name}[/] from {settings.File}, {layers.Length} layers put in, on [bold]{data.Name}[/], {epsilon}");
        var diagnosis = Examine(loaded, model, checkup) with { Layers = [.. layers.Select(layer => $"{layer}")] };
        diagnosis.Save(settings.Run.Out);
        Show(diagnosis);
        return diagnosis.ExitCode;
    }

    public void Dispose()
    {
        foreach (var made in Enumerable.Reverse(_made)) made.Dispose();
    }

    private InsertedLayer[] PutIn(IReadOnlyList<LayerOrder> orders, LoadedModel loaded)
    {
        var network = loaded.Network;
        using var probe = loaded.Data.Read(0, 1).Images;
        using var input = loaded.Preprocessing is { } preprocess ? preprocess(probe) : probe.alias();
        var layers = orders.SelectMany(order => Kept(order.Put(network, input)).Layers).ToArray();
        network.eval();
        network.Reseed(settings.Run.Seed);
        return layers;
    }

    private ModelCheckup Checkup(TestData data, LoadedModel model) => new(doctor.Epsilon ?? (data.IsColor ? ColourBudget : GreyBudget))
    {
        Seed = settings.Run.Seed, Images = settings.Images, Checks = doctor.Cheap ? ModelCheck.Cheap : ModelCheck.All,
        Attack = epsilon => model.HasNetwork ? new Pgd(epsilon) { Steps = doctor.Steps, Restarts = 1 }
            : new Square(epsilon) { Candidates = NamedAttack.CandidatesPerStep * doctor.Steps },
        View = doctor.View switch
        {
            "plain" => AttackerView.Plain, "straight-through" => AttackerView.StraightThrough, "no-randomness" => AttackerView.WithoutRandomness,
            "eot" => AttackerView.Eot(doctor.EotDraws),
            _ => model.View.IsRandom ? AttackerView.Eot(doctor.EotDraws) : AttackerView.Plain,
        },
    };

    private Diagnosis Examine(LoadedModel loaded, ModelView model, ModelCheckup checkup)
    {
        var test = loaded.Data;
        var found = AnsiConsole.Progress().AutoClear(true).Columns(new SpinnerColumn(), new ProgressBarColumn(),
            new TaskDescriptionColumn { Alignment = Justify.Left }).Start(context =>
        {
            var task = context.AddTask("checks");
            return checkup.Diagnose(model, test.Examples(), new SynchronousProgress<CheckProgress>(progress =>
            {
                (task.MaxValue, task.Value, task.Description) = (progress.Total, progress.Done, Markup.Escape(progress.Doing));
            }), cancellation);
        });
        return new Diagnosis
        {
            Model = settings.File, Network = loaded.Name, Layers = [], DataSet = $"{test.Chosen} of {test.Name}", Epsilon = checkup.Epsilon,
            Attack = $"{checkup.Attack(checkup.Epsilon)}",
            View = checkup.View!.Name, Seed = $"{settings.Run.Seed}", Accuracy = found.Accuracy?.MeanDraw, AttackedAccuracy = found.AttackedAccuracy?.MeanDraw,
            Verdict = found.Verdict("model"), Checks = found.Checks,
            Findings = [.. found.Findings, .. loaded.LowAccuracy is { } low ? new[] { low with { Defense = null } } : []],
            Origin = origin(loaded),
        };
    }

    private void Show(Diagnosis diagnosis)
    {
        if (diagnosis.Findings.Count > 0)
        {
            var table = new Table().RoundedBorder().AddColumn("").AddColumn("found").AddColumn("why, and what to do");
            foreach (var finding in diagnosis.Findings)
                table.AddRow(Coloured(finding.Severity), Markup.Escape(finding.Title),
                    $"{Markup.Escape(finding.Reason)}\n[grey]{Markup.Escape(finding.Action)}[/]");
            AnsiConsole.Write(table);
        }
        foreach (var why in diagnosis.Checks.Where(check => check.Outcome == CheckOutcome.NotRun).GroupBy(check => check.Reason))
            _display.Say($"[grey]Not run, since {why.Key}: {string.Join("; ", why.Select(check => check.Check))}[/]");
        _display.Say($"{diagnosis.Fared}");
        var page = Path.GetFullPath(Path.Combine(settings.Run.Out, "doctor.html"));
        _display.Say($"[bold]{diagnosis.Title}[/] Verdict: {diagnosis.Verdict.ToString()}. Report: {page}");
    }

    private static string Coloured(Severity severity) => severity switch
    {
        Severity.Invalid => "[red]invalid[/]", Severity.Warning => "[yellow]warning[/]", _ => "[grey]note[/]",
    };

    private T Kept<T>(T made) where T : IDisposable
    {
        _made.Add(made);
        return made;
    }
}
