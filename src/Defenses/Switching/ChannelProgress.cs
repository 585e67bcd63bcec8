using Defenses.Training;

namespace Defenses.Switching;

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
