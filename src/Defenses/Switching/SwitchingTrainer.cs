using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>
/// Trains a switching network from the input upwards, channel by channel: each with fresh blocks above it, which are thrown away, and with
/// the finished blocks below it, frozen but switching in every batch.
/// </summary>
/// <remarks>
/// Source: Wang et al. 2019 (hierarchical random switching), algorithm 1. The cost is linear in the number of channels. A run is a function of the
/// factories, the data and the options: killed at any moment and started again it ends with the same weights, bit for bit on the CPU.
/// </remarks>
public sealed class SwitchingTrainer
{
    private readonly ChannelFactory _factory;

    /// <summary>A trainer.</summary>
    /// <param name="blocks">
    /// The network cut into blocks, the first nearest to the input, the last giving logits: each function makes a new channel with initial weights from
    /// the seed, on the device where it shall stay.
    /// </param>
    /// <param name="channels">How many channels each block gets, at least 1.</param>
    /// <param name="options">For every channel; by default 40 epochs with the papers' settings.</param>
    /// <exception cref="ArgumentException">There is no block, or not one number per block.</exception>
    public SwitchingTrainer(
        IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels, TrainingOptions? options = null)
    {
        _factory = new ChannelFactory(blocks, channels);
        Options = options ?? new TrainingOptions();
    }

    /// <summary>How each channel is trained.</summary>
    public TrainingOptions Options { get; }

    /// <summary>
    /// Channels of a block that are trained in one pass over the data, at least 1; by default 1, the paper's independent runs. More share the order of the
    /// examples and the draws of the blocks below, not the weights: each channel has the same distribution, and a GPU is used better,
    /// for the memory of as many networks.
    /// </summary>
    public int ChannelsTogether { get; init => field = Require.AtLeast(value, 1, nameof(ChannelsTogether)); } = 1;

    /// <summary>For what the finished network draws its channels; by default for the batch. Training switches per batch.</summary>
    public SwitchPer Per { get; init; }

    /// <summary>Trains all channels that the folder does not have yet.</summary>
    /// <param name="data">What to train on.</param>
    /// <param name="directory">
    /// Where each finished channel is saved at once, as <c>block_channel</c> counted from 0, in TorchSharp's format; beside them the settings and the
    /// checkpoint of the channel in work.
    /// </param>
    /// <param name="progress">Told as often as <see cref="TrainingOptions.ReportEvery"/> says.</param>
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
        var told = progress is null ? null : new ChannelProgress(_factory.Channels, data.Count * Options.Epochs, progress);
        for (var block = 0; block < _factory.Blocks; block++) TrainBlock(block, data, files, told, cancellation);
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
        foreach (var finished in groups[true]) File.Delete(files.Checkpoint(block, finished[0]));   // left by a process that died just before
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

/// <summary>How far a switching network's training is.</summary>
/// <param name="Block">The block that is being trained, from 0.</param>
/// <param name="Channel">Its channel that is being trained, from 0; the first of those that are trained together.</param>
/// <param name="ChannelsDone">Channels that are finished, of all blocks.</param>
/// <param name="Channels">Channels in all.</param>
/// <param name="Training">How far this channel is; its time left is the channel's, its loss the mean over those trained together.</param>
/// <param name="TimeLeft">Until all channels are finished, at the present speed.</param>
public readonly record struct SwitchingProgress(
    int Block, int Channel, int ChannelsDone, int Channels, TrainingProgress Training, TimeSpan TimeLeft);

/// <summary>Turns the progress of one channel into that of all.</summary>
internal sealed class ChannelProgress(IReadOnlyList<int> channels, long imagesPerChannel, IProgress<SwitchingProgress> told) : IProgress<TrainingProgress>
{
    private int _block, _first, _together;

    internal void Begin(int block, IReadOnlyList<int> together) => (_block, _first, _together) = (block, together[0], together.Count);

    public void Report(TrainingProgress value)
    {
        var all = channels.Sum();
        var done = channels.Take(_block).Sum() + _first;
        var runsLeft = Math.Ceiling((all - done) / (double)_together) - 1;   // besides this one
        var later = TimeSpan.FromSeconds(runsLeft * imagesPerChannel / value.ImagesPerSecond);
        told.Report(new SwitchingProgress(_block, _first, done, all, value with { Loss = value.Loss / _together }, value.TimeLeft + later));
    }
}
