using System.Text;

namespace Defenses.Training;

/// <summary>The learning rate as a function of step and epoch.</summary>
public abstract record LearningRate
{
    /// <summary>The same rate in every step.</summary>
    /// <param name="rate">A finite number above 0.</param>
    public static LearningRate Constant(double rate) => new ConstantRate(Require.Positive(rate, nameof(rate)));

    /// <summary>rate / (1 + decay·t) in step t, counted from 0: the decay of Keras.</summary>
    /// <param name="rate">A finite number above 0.</param>
    /// <param name="decay">Per step, a finite number, 0 or above.</param>
    public static LearningRate InverseTime(double rate, double decay) =>
        new InverseTimeRate(Require.Positive(rate, nameof(rate)), Require.NotNegative(decay, nameof(decay)));

    /// <summary>The rate, multiplied by the factor at the beginning of each of the given epochs, counted from 0.</summary>
    /// <param name="rate">A finite number above 0.</param>
    /// <param name="factor">A finite number above 0.</param>
    /// <param name="epochs">At least one, increasing.</param>
    public static LearningRate Milestones(double rate, double factor, params IReadOnlyList<int> epochs) =>
        new MilestoneRate(Require.Positive(rate, nameof(rate)), Require.Positive(factor, nameof(factor)), epochs);

    /// <summary>The rate of a step.</summary>
    /// <param name="step">Steps done since the beginning of the training.</param>
    /// <param name="epoch">Epochs done.</param>
    public abstract double At(long step, int epoch);
}

internal sealed record ConstantRate(double Rate) : LearningRate
{
    /// <inheritdoc/>
    public override double At(long step, int epoch) => Rate;
}

internal sealed record InverseTimeRate(double Rate, double Decay) : LearningRate
{
    /// <inheritdoc/>
    public override double At(long step, int epoch) => Rate / (1 + Decay * step);
}

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
