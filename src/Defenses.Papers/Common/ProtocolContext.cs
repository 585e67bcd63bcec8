using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
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
    private readonly StepStore _steps;

    /// <param name="work">The folder for the protocol's finished work.</param>
    public ProtocolContext(RunSettings settings, IProtocol protocol, RunData data, string work, IRunDisplay display, CancellationToken cancellation)
    {
        (_settings, _protocol, _work, Data, Display, Cancellation) = (settings, protocol, work, data, display, cancellation);
        _steps = new StepStore(Path.Combine(work, "steps"));
    }

    /// <summary>smoke, quick or paper.</summary>
    public string Preset => _settings.Preset;

    /// <summary>How many images to attack; null for the preset's number.</summary>
    public int? Images => _settings.Images;

    /// <summary>What everything random follows from.</summary>
    public ulong Seed => _settings.Seed;

    /// <summary>Training and test images, whole; on the CPU.</summary>
    public RunData Data { get; }

    /// <summary>Says things to the user meanwhile.</summary>
    public IRunDisplay Display { get; }

    /// <summary>Hand it to whatever takes long.</summary>
    public CancellationToken Cancellation { get; }

    /// <summary>A seed of its own for everything that has a name.</summary>
    public ulong SeedOf(string what) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{Seed} {what}")));

    /// <summary>A folder for work that keeps its own checkpoints, such as a SwitchingTrainer's.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_work, "networks", name)).FullName;

    /// <summary>A piece of work that is done once: its result is kept at once, and read back when the run goes on after a stop.</summary>
    /// <param name="name">Unique in the protocol; change it when what the step does changes.</param>
    /// <param name="work">Gives the result, which must come back from JSON: a record of plain values, no tensors.</param>
    public T Step<T>(string name, Func<T> work)
    {
        Cancellation.ThrowIfCancellationRequested();
        if (!_steps.Has<T>(name)) Display.Say($"{_protocol.Name}: {name}");
        return _steps.Do(name, work);
    }

    /// <summary>Work on many images, so many at a time, each block a step of its own: memory does not grow with the images, and a stop costs one
    /// block.</summary>
    /// <param name="name">Unique in the protocol.</param>
    /// <param name="images">How many there are.</param>
    /// <param name="size">How many a block has at most.</param>
    /// <param name="work">Gives a block's result from what its name (and what it seeds) ends with, empty for an only block, its first image and how
    /// many it has.</param>
    public IReadOnlyList<T> Blocks<T>(string name, int images, int size, Func<string, int, int, T> work)
    {
        var starts = Enumerable.Range(0, (images + size - 1) / size).Select(block => block * size).ToArray();
        return [.. starts.Select(start =>
        {
            var part = starts.Length > 1 ? $", part {start / size + 1}" : "";
            return Step(name + part, () => work(part, start, Math.Min(size, images - start)));
        })];
    }

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
        Timing = new ProtocolTiming(DateTimeOffset.UtcNow, _steps.Seconds.Values.Sum(),
            $"{TextFormat.Counted(Environment.ProcessorCount, "processor", "processors")}, "
                + $"{TextFormat.Counted(get_num_threads(), "torch thread", "torch threads")}, {RuntimeInformation.OSDescription}, "
                + $"{RuntimeInformation.FrameworkDescription}", _steps.Seconds),
    };

    private static string Slug(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '-'));
}
