using System.Text;

namespace Defenses.Training;

internal sealed record MilestoneRate : LearningRate
{
    private readonly double _rate, _factor;
    private readonly int[] _epochs;

    internal MilestoneRate(double rate, double factor, IReadOnlyList<int> epochs)
    {
        Require.NotEmpty(epochs, nameof(epochs));
        for (var i = 0; i < epochs.Count; i++) Require.AtLeast(epochs[i], i == 0 ? 0 : epochs[i - 1] + 1, nameof(epochs));
        (_rate, _factor, _epochs) = (rate, factor, [.. epochs]);
    }

    /// <inheritdoc/>
    public override double At(long step, int epoch)
    {
        var rate = _rate;
        foreach (var milestone in _epochs)
            if (epoch >= milestone) rate *= _factor;
        return rate;
    }

    public bool Equals(MilestoneRate? other) =>
        other is not null && _rate == other._rate && _factor == other._factor && _epochs.SequenceEqual(other._epochs);

    public override int GetHashCode() => _rate.GetHashCode() ^ _factor.GetHashCode() ^ _epochs.Length;

    protected override bool PrintMembers(StringBuilder builder)
    {
        builder.Append($"Rate = {_rate}, Factor = {_factor}, Epochs = [{string.Join(", ", _epochs)}]");
        return true;
    }
}
