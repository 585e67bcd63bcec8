namespace DefenseBench.Protocols.Mvm;

/// <summary>How much of the experiment is done.</summary>
/// <param name="Training">Training images.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="Images">Recognised test images, attacked by each attack.</param>
/// <param name="Draws">Passes behind a score.</param>
/// <param name="HasAllBaselines">Whether each baseline is run at all of the paper's settings, or at one.</param>
/// <param name="Time">How long it takes on two cores.</param>
internal sealed record MvmSizes(int Training, int Epochs, int Images, int Draws, bool HasAllBaselines, string Time)
{
    internal static MvmSizes Named(string preset) => preset switch
    {
        "smoke" => new(600, 1, 10, 10, false, "half a minute"),
        "quick" => new(20_000, 3, 200, 100, false, "half an hour"),
        _ => new(int.MaxValue, 10, 10_000, 100, true, "some days"),
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Training == int.MaxValue ? "all" : $"{Training}")} training images, {Epochs} {(Epochs == 1 ? "epoch" : "epochs")}, {Images} images attacked, {Draws} draws; {Time} on two cores";
}
