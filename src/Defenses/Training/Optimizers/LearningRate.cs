namespace Defenses.Training;

/// <summary>The size of an update as a function of time.</summary>
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
