using System.Globalization;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Statistics;
using Defenses.Switching;
using Defenses.Training;
using Defenses.Zoo;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Trains a network of the Zoo, saves it, and says what it recognises. Killed and started again it goes on.</summary>
internal sealed class TrainRun(RunSettings settings, TrainSettings train, CancellationToken cancellation)
{
    private readonly Display _display = new(AnsiConsole.Console);

    internal async Task Execute()
    {
        set_num_threads(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount);
        using var data = await RunData.Load(settings, train.Images > 0 ? train.Images : 60_000, train.TestImages > 0 ? train.TestImages : 10_000, "mnist",
            cancellation);
        var network = ZooNetwork.Find(train.Network, data.Train.ImageShape);
        var options = TrainingMethod.Options(train.Method, train.Given, data.Key);
        if (train.Method == TrainingMethod.Switching && !network.Name.StartsWith("hrs-", StringComparison.Ordinal))
            throw new UserError($"--method {TrainingMethod.Switching} needs a network that is cut into blocks (hrs-mnist, hrs-cifar10); --network is "
                + $"{network.Name}.");
        var folder = RunFolder.Open(settings.Out, new { train, network = network.Name, dataSet = data.Key, Seed = $"{settings.Seed}" }, settings.Resume,
            settings.Overwrite);
        _display.Say($"[bold]{network.Name}[/] on [bold]{data.Train.Name}[/], {Named(options)}, {train.Epochs} epochs, seed {settings.Seed}.");
        _display.Say($"Work is kept in {settings.Out}; Ctrl-C and --resume at any time.");
        using var images = data.Train.Take(train.Images > 0 ? Math.Min(train.Images, data.Train.Count) : data.Train.Count);
        using var test = data.Test.Take(train.TestImages > 0 ? Math.Min(train.TestImages, data.Test.Count) : data.Test.Count);
        var model = new TrainedModel
        {
            File = ModelFile.Name(train.Format), Network = network.Name, Method = train.Method, MethodOptions = options, Channels = train.Channels,
            DataSet = data.Key, TrainingImages = images.Count,
            Epochs = train.Epochs, Seed = $"{settings.Seed}", Accuracy = new Proportion(0, test.Count),
        };
        using var trained = Network(network, options, images, folder);
        var right = Right(trained, test);
        model = train.Method == TrainingMethod.Switching ? Switching(model, images, test, folder, right) : Save(model with { Accuracy = Rate(right) }, trained);
        ModelFile.Describe(model, settings.Out);
        Show(model);
    }

    // With "adversarial, epsilon 0.3, steps 7": what --method said.
    private string Named(IReadOnlyDictionary<string, double> options) =>
        string.Join(", ", [train.Method, .. options.Select(option => string.Create(CultureInfo.InvariantCulture, $"{option.Key} {option.Value:0.####}"))]);

    private nn.Module<Tensor, Tensor> Network(ZooNetwork zoo, IReadOnlyDictionary<string, double> options, DataSet images, RunFolder folder)
    {
        var network = zoo.Make(settings.Seed);
        network.Reseed(settings.Seed);
        var method = TrainingMethod.Find(train.Method);
        try
        {
            _display.Training(zoo.Name, progress =>
            {
                method.Train(new TrainingJob
                {
                    Network = network, Images = images, Options = Options(), Values = options, Work = Path.Combine(folder.Networks, method.Name),
                    Progress = progress, Cancellation = cancellation,
                });
                return network;
            });
        }
        catch (InvalidOperationException error) when (error is not ObjectDisposedException)
        {
            throw new UserError($"--method {method.Name} came to nothing: {error.Message}");   // a loss that is no number; no example to train on
        }
        network.eval();
        return network;
    }

    private TrainedModel Switching(TrainedModel model, DataSet images, DataSet test, RunFolder folder, double[] right)
    {
        var trainer = new SwitchingTrainer(ModelFile.Blocks(test.ImageShape[0] == 3, train.Channels.Count), train.Channels,
            Options()) { ChannelsTogether = train.Together, Per = SwitchPer.Sample };
        using var network = _display.Training($"HRS {string.Join("×", train.Channels)}", progress => trainer.Run(
            images, Path.Combine(folder.Networks, "switching"),
            new SynchronousProgress<SwitchingProgress>(step =>
                progress((step.ChannelsDone + (double)step.Training.Step / step.Training.Steps) * 100.0 / step.Channels, step.TimeLeft)), cancellation));
        var paths = PathAccuracy.Measure(network, test, cancellation);
        var (plain, mean) = (Rate(right), paths.Mean);
        return Save(model with
        {
            Accuracy = mean, BaseAccuracy = plain, Paths = [.. paths.Paths.Select(path => new TrainedPath(path.Path, paths.Of(path.Correct)))],
            AccuracyLoss = ProportionDifference.Between(plain, mean, Together(right, [.. paths.ByImage.Select(count => (double)count / paths.Paths.Count)])),
        }, network);
    }

    private TrainedModel Save(TrainedModel model, nn.Module network)
    {
        ModelFile.Save(network, Path.Combine(settings.Out, model.File));
        return model;
    }

    // 1 for each test image that is recognised, else 0.
    private double[] Right(nn.Module<Tensor, Tensor> network, DataSet data) =>
        [.. ImageAnswers.Right(network.call, data, cancellation).Select(right => right ? 1.0 : 0)];

    // 0 where one of them does not vary.
    private static double Together(double[] right, double[] byPaths) =>
        right.Length >= 3 && right.Distinct().Skip(1).Any() && byPaths.Distinct().Skip(1).Any() ? Correlation.Pearson(right, byPaths).Value : 0;

    private static Proportion Rate(double[] right) => new(right.Sum(), right.Length);

    private TrainingOptions Options() => new()
    {
        Epochs = train.Epochs, BatchSize = train.Batch, Seed = settings.Seed, Update = new SgdUpdate { Rate = LearningRate.InverseTime(train.Rate, 1e-6) },
    };

    private void Show(TrainedModel model)
    {
        var table = new Table().RoundedBorder().AddColumn("").AddColumn("test images recognised").AddColumn("points lost");
        if (model.BaseAccuracy is { } plain)
        {
            table.AddRow("base network", Markup.Escape($"{plain}"), "–");
            table.AddRow($"mean over all {model.Paths.Count} paths", Markup.Escape($"{model.Accuracy}"),
                Markup.Escape($"{100 * model.AccuracyLoss!.Value:0.00} [{100 * model.AccuracyLoss.Lower:0.00}, {100 * model.AccuracyLoss.Upper:0.00}]"));
            foreach (var (name, path) in new[] { ("best path", model.Paths.MaxBy(path => path.Accuracy.Rate)!),
                ("worst path", model.Paths.MinBy(path => path.Accuracy.Rate)!) })
                table.AddRow($"{name} ({string.Join("-", path.Path)})", Markup.Escape($"{path.Accuracy}"), $"{100 * (plain.Rate - path.Accuracy.Rate):0.00}");
            AnsiConsole.Write(table);
            Grid(model);
        }
        else
        {
            table.AddRow(model.Network, Markup.Escape($"{model.Accuracy}"), "–");
            AnsiConsole.Write(table);
        }
        _display.Say($"Saved: {Path.GetFullPath(Path.Combine(settings.Out, model.File))}, described in {ModelFile.Description}");
    }

    // Every path's accuracy in percent, for two blocks as a grid.
    private static void Grid(TrainedModel model)
    {
        if (model.Channels.Count != 2) return;
        var table = new Table().RoundedBorder().Title("accuracy of every path, %").AddColumn("lower \\ upper");
        for (var j = 0; j < model.Channels[1]; j++) table.AddColumn($"{j}");
        for (var i = 0; i < model.Channels[0]; i++)
            table.AddRow([$"{i}", .. model.Paths.Where(path => path.Path[0] == i).Select(path => $"{100 * path.Accuracy.Rate:0.00}")]);
        AnsiConsole.Write(table);
    }
}
