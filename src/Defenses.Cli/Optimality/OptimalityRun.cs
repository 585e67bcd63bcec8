using Defenses.Pages;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary>Every attack that searches small changes, on the user's models; each attack is kept as soon as it is done.</summary>
internal sealed class OptimalityRun(
    ModelSettings settings, OptimalitySettings optimality, Func<LoadedModel, Origin> origin, CancellationToken cancellation)
{
    internal const string Name = "optimality", Changes = "changes.json";
    private readonly Display _display = new(AnsiConsole.Console);

    internal async Task Execute()
    {
        var references = References();
        using var model = await LoadedModel.Read(settings, cancellation);
        var all = new List<LoadedModel> { model };
        try
        {
            foreach (var file in optimality.Others)
            {
                PathOption.RequireFile("--beside", file, "Give another model.");
                var isWeights = ModelFormats.Of(file) == ModelFormat.Weights;
                all.Add(await LoadedModel.Read(settings with
                {
                    Option = "--beside", File = file, Network = isWeights ? settings.Network : null, Channels = isWeights ? settings.Channels : null,
                }, cancellation));
            }

            Execute(all, references);
        }
        finally
        {
            foreach (var other in all.Skip(1)) other.Dispose();
        }
    }

    private void Execute(IReadOnlyList<LoadedModel> loaded, ReferenceChanges? references)
    {
        OptimalityModel[] models = [.. loaded.Select(one => new OptimalityModel(NameOf(one, loaded), one.Classifier))];
        RequireSome(references, models);
        RequireAttacks();
        var data = loaded[0].Data;
        var folder = RunFolder.Open(settings.Run.Out, new
        {
            models = models.Select(one => one.Name), weights = loaded.Select(one => one.FileHash()), images = data.Digest(),
            normalization = settings.Normalization, optimality.Norms, optimality.Attacks, optimality.Steps, optimality.EotDraws,
            optimality.Draws, seed = $"{settings.Run.Seed}",
        }, settings.Run.Resume, settings.Run.Overwrite);
        var effort = new OptimalityEffort((int)data.Chosen, optimality.Norms, optimality.Steps, optimality.EotDraws, optimality.Draws)
        {
            Attacks = optimality.Attacks,
        };
        var steps = new ProtocolSteps(Name, settings.Run.Seed, folder.Protocol(Name), _display, cancellation);
        var results = Read(() => new OptimalityMeasurement(steps, effort, data.Read).Measure(models, references));
        Save(new OptimalityPage(results, data.Name)
        {
            Method = [new("Models", string.Join("; ", loaded.Select(one => $"{one.Name}, {one.File}")))],
            Findings = [.. loaded.Zip(models).Where(pair => pair.First.LowAccuracy is not null)
                .Select(pair => pair.First.LowAccuracy! with { Defense = pair.Second.Name })],
        }.Make(), results, origin(loaded[0]), steps.Timing());
    }

    private void Save(Page page, OptimalityResults results, Origin from, ProtocolTiming timing)
    {
        ProtocolFiles.Save(new ProtocolReport
        {
            Protocol = Name, Paper = OptimalityPage.Paper, Preset = "own models", DataSet = from.Data.Key, Seed = $"{settings.Run.Seed}",
            Command = from.Command, Library = AssemblyVersion.Library, Page = page, Timing = timing,
        }, settings.Run.Out);
        AtomicFile.Write(Path.Combine(settings.Run.Out, Changes), Json.Text(ReferenceChanges.From(results)));
        _display.Say($"[bold]{page.Title}[/]");
        _display.Say($"Report: {Path.GetFullPath(Path.Combine(settings.Run.Out, "protocol.html"))} (also protocol.md, protocol.json, {Changes})");
    }

    private ReferenceChanges? References()
    {
        if (optimality.Reference is not { } file) return null;
        PathOption.RequireFile("--reference", file, "Give the JSON with the changes that others found.");
        return Read(() => ReferenceChanges.Read(File.ReadAllText(file)));
    }

    private void RequireSome(ReferenceChanges? references, IReadOnlyList<OptimalityModel> models)
    {
        if (references is not null && !models.Any(model => references.Models.Contains(model.Name)))
            throw new UserError($"--reference {optimality.Reference} has nothing about {string.Join(", ", models.Select(model => model.Name))}; it has "
                + $"{string.Join(", ", references.Models)}. Models are named by their files, without the ending.");
    }

    private void RequireAttacks()
    {
        foreach (var norm in optimality.Norms)
            if (optimality.Attacks is { } names && !SmallestAttacks.All(SmallestAttacks.Norms[norm], 1).Any(attack => names.Contains(attack.Name)))
                throw new UserError($"--attack {string.Join(", ", names)} is nothing for --norm {norm}; there are "
                    + $"{string.Join(", ", SmallestAttacks.All(SmallestAttacks.Norms[norm], 1).Select(attack => attack.Name))}.");
    }

    private T Read<T>(Func<T> read) => optimality.Reference is { } file ? PathOption.Read("--reference", file, read) : read();

    // The file's name; the path where several have the same.
    private static string NameOf(LoadedModel model, IReadOnlyList<LoadedModel> all)
    {
        var name = Path.GetFileNameWithoutExtension(model.File);
        return all.Count(other => Path.GetFileNameWithoutExtension(other.File) == name) == 1 ? name : model.File;
    }
}
