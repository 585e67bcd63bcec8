namespace Defenses.Training;

/// <summary>Ends a training when the validation score no longer rises, and keeps the weights of the best epoch.</summary>
/// <remarks>Needs validation data. Source: Prechelt 1998, "Early Stopping — But When?", the criterion of successive strips.</remarks>
public sealed record EarlyStopping
{
    /// <summary>Epochs without a better score after which the training ends, at least 1; by default 5.</summary>
    public int Patience { get; init => field = Require.AtLeast(value, 1, nameof(Patience)); } = 5;

    /// <summary>By how much a score must exceed the best one to be better, 0 (default) or above.</summary>
    public double LeastGain { get; init => field = Require.NotNegative(value, nameof(LeastGain)); }

    /// <summary>The place of the best epoch; the first of those that are equally good.</summary>
    internal int Best(IReadOnlyList<EpochResult> history)
    {
        var best = 0;
        for (var i = 1; i < history.Count; i++)
            if (history[i].ValidationAccuracy > history[best].ValidationAccuracy + LeastGain) best = i;
        return best;
    }

    internal bool IsDue(IReadOnlyList<EpochResult> history) => history.Count > 0 && history.Count - 1 - Best(history) >= Patience;
}
