namespace Defenses.Training;

/// <summary>The length, the batches and the update steps of a training. The same options and seed give the same weights.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the data, at least 1; by default 40 (Wang et al. 2019).</summary>
    public int Epochs { get; init => field = Require.AtLeast(value, 1, nameof(Epochs)); } = 40;

    /// <summary>Examples per step, at least 1; by default 128. The last step of an epoch may have fewer.</summary>
    public int BatchSize { get; init => field = Require.AtLeast(value, 1, nameof(BatchSize)); } = 128;

    /// <summary>The optimizer; by default <see cref="SgdUpdate"/> with the papers' settings.</summary>
    public UpdateRule Update { get; init => field = Require.NotNull(value, nameof(Update)); } = new SgdUpdate();

    /// <summary>The seed of shuffling and of all random draws during the training; by default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>When to stop before all epochs are done, with the weights of the best epoch; by default (null) all epochs run
    /// and the last weights are kept.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>
    /// The largest time between two checkpoints, in addition to the checkpoint after every epoch; by default one minute. Does not change the result.
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Steps between two readings of the loss (for progress, and to check that it is finite), at least 1; by
    /// default 20. Does not change the result.</summary>
    public int ReportEvery { get; init => field = Require.AtLeast(value, 1, nameof(ReportEvery)); } = 20;

    /// <summary>
    /// Whether a network may have torch's own dropout, which draws from torch's global generator: such a run can be neither repeated nor resumed
    /// exactly. By default false.
    /// </summary>
    public bool AllowGlobalGenerator { get; init; }
}
