namespace Defenses.Training;

internal sealed record InverseTimeRate(double Rate, double Decay) : LearningRate
{
    /// <inheritdoc/>
    public override double At(long step, int epoch) => Rate / (1 + Decay * step);
}
