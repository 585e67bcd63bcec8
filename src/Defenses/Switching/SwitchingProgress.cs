using Defenses.Training;

namespace Defenses.Switching;

/// <summary>How far a switching network's training is.</summary>
/// <param name="Block">The block that is being trained, from 0.</param>
/// <param name="Channel">Its channel that is being trained, from 0; the first of those that are trained together.</param>
/// <param name="ChannelsDone">Channels that are finished, of all blocks.</param>
/// <param name="Channels">Channels in all.</param>
/// <param name="Training">How far this channel is; its time left is the channel's, its loss the mean over those trained together.</param>
/// <param name="TimeLeft">Until all channels are finished, at the present speed.</param>
public readonly record struct SwitchingProgress(
    int Block, int Channel, int ChannelsDone, int Channels, TrainingProgress Training, TimeSpan TimeLeft);
