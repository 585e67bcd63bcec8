namespace Defenses.Training;

internal sealed record ConstantRate(double Rate) : LearningRate
{
    /// <inheritdoc/>
    public override double At(long step, int epoch) => Rate;
}
