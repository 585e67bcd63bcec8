namespace DefenseBench.Protocols.Mvm;

/// <summary>How much of the experiment is done.</summary>
/// <param name="Training">Training images.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="Images">Recognised test images, attacked by each attack.</param>
/// <param name="Draws">Passes behind a score.</param>
/// <param name="Pruned">Settings of stochastic activation pruning; the paper's are 0.5, 0.8 and 1. It takes several times as long as the rest.</param>
/// <param name="Dropped">Rates of dropout; the paper's are 0.1, 0.2 and 0.5.</param>
/// <param name="Time">How long it takes on two cores.</param>
internal sealed record MvmSizes(int Training, int Epochs, int Images, int Draws, double[] Pruned, double[] Dropped, string Time)
{
    internal static MvmSizes Named(string preset) => preset switch
    {
        "smoke" => new(600, 1, 10, 10, [0.5], [0.5], "half a minute"),
        "quick" => new(20_000, 3, 200, 100, [], [0.5], "a quarter of an hour"),
        _ => new(int.MaxValue, 10, 10_000, 100, [0.5, 0.8, 1], [0.1, 0.2, 0.5], "some days"),
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Training == int.MaxValue ? "all" : $"{Training}")} training images, {Epochs} {(Epochs == 1 ? "epoch" : "epochs")}, {Images} images attacked, {Draws} draws; {Time} on two cores";
}
