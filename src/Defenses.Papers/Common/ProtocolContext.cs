using Defenses.Evaluation;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>What a protocol works with: its settings and data, and the steps that make it resumable.</summary>
public sealed class ProtocolContext
{
    private readonly RunSettings _settings;
    private readonly IProtocol _protocol;
    private readonly string _work;

    /// <param name="work">The folder for the protocol's finished work.</param>
    public ProtocolContext(RunSettings settings, IProtocol protocol, RunData data, string work, IRunDisplay display, CancellationToken cancellation)
    {
        (_settings, _protocol, _work, Data) = (settings, protocol, work, data);
        Steps = new ProtocolSteps(protocol.Name, settings.Seed, work, display, cancellation);
    }

    /// <summary>smoke, quick, long or paper.</summary>
    public string Preset => _settings.Preset;

    /// <summary>How many images to attack; null for the preset's number.</summary>
    public int? Images => _settings.Images;

    /// <summary>What everything random follows from.</summary>
    public ulong Seed => Steps.Seed;

    /// <summary>Training and test images, whole; on the CPU.</summary>
    public RunData Data { get; }

    /// <summary>The steps that are done once, for work that needs no more of this.</summary>
    public ProtocolSteps Steps { get; }

    /// <summary>Says things to the user meanwhile.</summary>
    public IRunDisplay Display => Steps.Display;

    /// <summary>Hand it to whatever takes long.</summary>
    public CancellationToken Cancellation => Steps.Cancellation;

    /// <inheritdoc cref="ProtocolSteps.SeedOf"/>
    public ulong SeedOf(string what) => Steps.SeedOf(what);

    /// <summary>A folder for work that keeps its own checkpoints, such as a SwitchingTrainer's.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_work, "networks", name)).FullName;

    /// <inheritdoc cref="ProtocolSteps.Do"/>
    public T Step<T>(string name, Func<T> work) => Steps.Do(name, work);

    /// <inheritdoc cref="ProtocolSteps.Blocks"/>
    public IReadOnlyList<T> Blocks<T>(string name, int images, int size, Func<string, int, int, T> work) => Steps.Blocks(name, images, size, work);

    /// <summary>Trains a network with a progress bar; goes on from its checkpoint, and only reads a finished one. Returns it in evaluation mode,
    /// reseeded.</summary>
    /// <param name="name">Unique in the protocol.</param>
    /// <param name="network">Freshly made from a seed; stays the caller's to dispose.</param>
    public TNetwork Train<TNetwork>(string name, TNetwork network, ITrainingData data, TrainingOptions options, TrainingObjective? objective = null)
        where TNetwork : nn.Module<Tensor, Tensor>
    {
        network.Reseed(SeedOf(name));
        Display.Training(name, progress => new Trainer(options, objective).Run(
            network, data, Path.Combine(Folder("checkpoints"), Slug(name) + ".checkpoint"),
            progress: new SynchronousProgress<TrainingProgress>(step => progress(step.Step * 100.0 / step.Steps, step.TimeLeft)), cancellation: Cancellation));
        network.eval();
        network.Reseed(SeedOf(name));
        return network;
    }

    /// <summary>Runs an evaluation with a progress bar, resumed piece by piece. Set its Seed.</summary>
    /// <param name="name">Unique in the protocol.</param>
    public EvaluationReport Evaluate(string name, RobustnessEvaluation evaluation, LabeledImages examples)
    {
        Display.Say($"{_protocol.Name}: {name}");
        return Display.Evaluation(progress => evaluation.Run(examples, Path.Combine(_work, "evaluations", Slug(name)), progress, Cancellation));
    }

    /// <summary>Another data set from the same folder, whole; null where it is not found. The caller disposes it.</summary>
    public RunData? Other(string key)
    {
        var (training, test) = Preset == "smoke" ? (2_000, 1_000) : (60_000, 10_000);   // of synthetic digits
        try { return RunData.Load(_settings with { DataSet = key, Download = false, Images = null }, training, test, key, Cancellation).GetAwaiter()
            .GetResult(); }
        catch (UserError) { return null; }
    }

    /// <summary>The first images of the test set, with labels.</summary>
    public LabeledImages Examples(long count) => Examples(Data.Test, count);

    /// <summary>The first images of a set, with labels.</summary>
    public static LabeledImages Examples(DataSet data, long count) =>
        new(Math.Min(count, data.Count), (first, size) => (data.Images(first, size), data.Labels.narrow(0, first, size).clone())) { Name = data.Name,
            ClassNames = data.ClassNames };

    /// <summary>The report of a page, with the settings and times of this run.</summary>
    public ProtocolReport Report(Page page) => new()
    {
        Protocol = _protocol.Name, Paper = _protocol.Paper, Preset = Preset, DataSet = Data.Key, Seed = $"{Seed}",
        Command = _settings.Command(Data.Key, _protocol.Name), Page = page,
        Library = AssemblyVersion.Library,
        Timing = Steps.Timing(),
    };

    private static string Slug(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '-'));
}
