using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>
/// Trains a switching network from the input upwards, channel by channel: each with new blocks above it, which are discarded, and with
/// the finished blocks below it, which are frozen but switch in every batch.
/// </summary>
/// <remarks>
/// Source: Wang et al. 2019 (hierarchical random switching), algorithm 1. The cost is linear in the number of channels. A run is a function of the
/// factories, the data and the options: interrupted at any moment and started again, it ends with the same weights, bit for bit on the CPU.
/// </remarks>
public sealed class SwitchingTrainer
{
    private readonly ChannelFactory _factory;

    /// <summary>A trainer.</summary>
    /// <param name="blocks">
    /// The blocks of the network, the first nearest to the input, the last one giving logits: each function makes a new channel with initial weights from
    /// the seed, on its final device.
    /// </param>
    /// <param name="channels">How many channels each block gets, at least 1.</param>
    /// <param name="options">The options for every channel; by default 40 epochs with the papers' settings.</param>
    /// <exception cref="ArgumentException">There is no block, or not one number per block.</exception>
    public SwitchingTrainer(
        IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels, TrainingOptions? options = null)
    {
        _factory = new ChannelFactory(blocks, channels);
        Options = options ?? new TrainingOptions();
    }

    /// <summary>The options for every channel.</summary>
    public TrainingOptions Options { get; }

    /// <summary>
    /// Channels of a block that are trained in one pass over the data, at least 1; by default 1, the paper's independent runs. Channels that
    /// are trained together share the order of the examples and the draws of the blocks below, but not the weights. Each channel has
    /// the same distribution. A GPU is used better, and memory is needed for as many networks.
    /// </summary>
    public int ChannelsTogether { get; init => field = Require.AtLeast(value, 1, nameof(ChannelsTogether)); } = 1;

    /// <summary>Whether the finished network draws its channels per batch or per example; by default per batch. Training switches per batch.</summary>
    public SwitchPer Per { get; init; }

    /// <summary>Trains all channels that the folder does not contain yet.</summary>
    /// <param name="data">The training data.</param>
    /// <param name="directory">
    /// The folder for the results. Each finished channel is saved immediately as <c>block_channel</c>, counted from 0, in TorchSharp's format, with
    /// the settings and the checkpoint of the current channel in the same folder.
    /// </param>
    /// <param name="progress">Receives a report every <see cref="TrainingOptions.ReportEvery"/> steps and after every epoch.</param>
    /// <param name="cancellation">Saves a checkpoint and stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The finished network in evaluation mode.</returns>
    /// <exception cref="InvalidOperationException">The folder belongs to other settings; or see <see cref="Trainer.Run"/>.</exception>
    public SwitchingNetwork Run(
        ITrainingData data, string directory, IProgress<SwitchingProgress>? progress = null, CancellationToken cancellation = default)
    {
        Require.NotNull(data, nameof(data));
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var files = new ChannelFiles(directory);
        files.Claim(Describe(data));
        var reports = progress is null ? null : new ChannelProgress(_factory.Channels, data.Count * Options.Epochs, progress);
        for (var block = 0; block < _factory.Blocks; block++) TrainBlock(block, data, files, reports, cancellation);
        return Load(directory);
    }

    /// <summary>Reads a finished network.</summary>
    /// <param name="directory">The folder that <see cref="Run"/> filled.</param>
    /// <exception cref="FileNotFoundException">A channel is missing.</exception>
    /// <exception cref="InvalidDataException">A file does not fit its block.</exception>
    public SwitchingNetwork Load(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        var network = _factory.Read(new ChannelFiles(directory), _factory.Blocks, Per);
        network.eval();
        return network;
    }

    private void TrainBlock(int block, ITrainingData data, ChannelFiles files, ChannelProgress? progress, CancellationToken cancellation)
    {
        var groups = Enumerable.Range(0, _factory.Channels[block]).Chunk(ChannelsTogether).ToLookup(group => group.All(channel => files.Has(block, channel)));
        foreach (var finished in groups[true]) File.Delete(files.Checkpoint(block, finished[0]));   // left if a process ended before this line
        if (!groups[false].Any()) return;
        using var lower = block == 0 ? null : _factory.Read(files, block, SwitchPer.Batch);
        using var objective = new FrozenPrefixObjective(lower);
        foreach (var group in groups[false])
        {
            var checkpoint = files.Checkpoint(block, group[0]);
            var seeds = group.Select(channel => ChannelFactory.Seed(Options.Seed, block, channel)).ToArray();
            using var fresh = new ChannelsInTraining(_factory, block, seeds);
            progress?.Begin(block, group);
            new Trainer(Options with { Seed = seeds[0] }, objective).Run(fresh, data, checkpoint, progress: progress, cancellation: cancellation);
            foreach (var (channel, module) in group.Zip(fresh.Channels)) files.Save(block, channel, module);
            File.Delete(checkpoint);
        }
    }

    private string Describe(ITrainingData data)
    {
        using var one = new ChannelsInTraining(_factory, 0, [Options.Seed]);
        var shapes = one.state_dict().Select(entry => (entry.Key, entry.Value)).ToArray();
        return $"Channels: {string.Join(" × ", _factory.Channels)}, {ChannelsTogether} together\n" +
            TrainingSettings.Describe(Options, new FrozenPrefixObjective(null), data, shapes);
    }
}

/// <summary>The progress of a switching network's training.</summary>
/// <param name="Block">The block that is being trained, from 0.</param>
/// <param name="Channel">The channel that is being trained, from 0; the first of the channels trained together.</param>
/// <param name="ChannelsDone">Channels that are finished, of all blocks.</param>
/// <param name="Channels">Channels in all.</param>
/// <param name="Training">The progress of this channel: its time left, and the mean loss over the channels trained together.</param>
/// <param name="TimeLeft">Until all channels are finished, at the present speed.</param>
public readonly record struct SwitchingProgress(
    int Block, int Channel, int ChannelsDone, int Channels, TrainingProgress Training, TimeSpan TimeLeft);

/// <summary>Converts the progress of one channel into that of all channels.</summary>
internal sealed class ChannelProgress(IReadOnlyList<int> channels, long imagesPerChannel, IProgress<SwitchingProgress> progress) : IProgress<TrainingProgress>
{
    private int _block, _first, _together;

    internal void Begin(int block, IReadOnlyList<int> together) => (_block, _first, _together) = (block, together[0], together.Count);

    public void Report(TrainingProgress value)
    {
        var all = channels.Sum();
        var done = channels.Take(_block).Sum() + _first;
        var runsLeft = Math.Ceiling((all - done) / (double)_together) - 1;   // without this one
        var later = TimeSpan.FromSeconds(runsLeft * imagesPerChannel / value.ImagesPerSecond);
        progress.Report(new SwitchingProgress(_block, _first, done, all, value with { Loss = value.Loss / _together }, value.TimeLeft + later));
    }
}
