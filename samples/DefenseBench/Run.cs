using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace DefenseBench;

/// <summary>The main job: train, protect with every defense, attack each, judge on fresh draws, report.</summary>
internal sealed class Run(RunSettings settings, CancellationToken cancellation)
{
    private readonly Display _display = new(AnsiConsole.Console);

    internal async Task Execute()
    {
        var preset = Preset.Named(settings.Preset);
        var recipes = Recipe.Chosen(settings.Only);
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        using var data = await Digits.Load(settings, preset.Base.Images, Math.Max(preset.AccuracyImages, preset.Images), "mnist", cancellation);
        var folder = RunFolder.Open(settings, data.Key);
        _display.Say($"[bold]{data.Test.Name}[/], preset [bold]{settings.Preset}[/], seed {settings.Seed}. Work is kept in {settings.Out}; Ctrl-C and --resume at any time.");
        using var shop = new Workshop(settings, preset, data, folder, _display, cancellation);
        var defenses = recipes.Select(recipe => Protect(recipe, shop)).ToArray();
        var report = Evaluate(preset, data, defenses, folder);
        report.Save(folder.Report);
        _display.Table(report);
        _display.Say($"Report: [link]{Path.GetFullPath(Path.Combine(folder.Report, "report.html"))}[/] (also report.md, report.json)");
    }

    private DefenseEntry Protect(Recipe recipe, Workshop shop)
    {
        cancellation.ThrowIfCancellationRequested();
        var network = recipe.Make(shop);
        _display.Say($"{recipe.Name}: [bold]{shop.Accuracy(network):P2}[/] of test images recognised");
        return new DefenseEntry(recipe.Name, new Classifier(network, Bounds.Unit)) { Description = recipe.Description };
    }

    private EvaluationReport Evaluate(Preset preset, Digits data, IReadOnlyList<DefenseEntry> defenses, RunFolder folder)
    {
        var strengths = (data.IsColour ? preset.Strengths.Colour : preset.Strengths.Grey).Select(strength => strength / 255).ToArray();
        var evaluation = new RobustnessEvaluation(defenses, Attacks(preset), strengths)
        {
            Draws = preset.JudgeDraws,
            Seed = settings.Seed,
            Title = $"How robust is the network before and after protecting it: {data.Test.Name}",
            Command = settings.Command(data.Key),
        };
        var count = Math.Min(preset.Images, data.Test.Count);
        var examples = new Examples(count, (first, size) => (data.Test.Images(first, size), data.Test.Labels.narrow(0, first, size).clone()))
        {
            Name = data.Test.Name,
            ClassNames = data.Test.ClassNames,
        };
        return _display.Evaluation(progress => evaluation.Run(examples, folder.Evaluation, progress, cancellation));
    }

    // FGSM, PGD and CW-PGD on the plain model and on a fixed draw; PGD on the mean over draws (CW-PGD, too, in the full protocol) and straight
    // through layers that hide their gradient, without which JumpReLU looks strong.
    private static IReadOnlyList<AttackEntry> Attacks(Preset preset)
    {
        Func<double, Attack> pgd = epsilon => new Pgd(epsilon) { Steps = preset.Steps, Restarts = 1 };
        Func<double, Attack> cwPgd = epsilon => new CwPgd(epsilon) { Steps = preset.Steps, Restarts = 1 };
        var eot = View.Eot(preset.EotDraws);
        AttackEntry[] quick =
        [
            new("FGSM", epsilon => new Fgsm(epsilon)), new("PGD", pgd), new("CW-PGD", cwPgd),
            new("PGD", pgd, eot), new("PGD", pgd, View.FixedDraw), new("CW-PGD", cwPgd, View.FixedDraw),
            new("PGD", pgd, View.StraightThrough),
        ];
        return preset.JudgeDraws < 100 ? quick :
        [
            .. quick, new("FGSM", epsilon => new Fgsm(epsilon), eot), new("CW-PGD", cwPgd, eot),
        ];
    }
}
