namespace DefenseBench.Protocols.Spiking;

/// <summary>A way to train and to decide that the paper compares.</summary>
/// <param name="Name">As the paper names it.</param>
/// <param name="Description">What it is, in a sentence.</param>
/// <param name="Dropout">Dropout rate behind the first dense layer, in training only.</param>
/// <param name="Spikes">Whether a fifth of the first feature map is replaced by noise, in training and for good.</param>
/// <param name="IsDistilled">Whether it learns the softened answers of a teacher, at temperature 100.</param>
internal sealed record Scheme(string Name, string Description, double Dropout = 0, bool Spikes = false, bool IsDistilled = false)
{
    private static readonly Scheme[] s_all =
    [
        new("standard", "The network as it is."),
        new("dropout", "Dropout 0.5 while training; no chance at test time.", Dropout: 0.5),
        new("distillation", "Defensive distillation at temperature 100, with dropout 0.5 while training.", Dropout: 0.5, IsDistilled: true),
        new("RS-1", "Random Spiking behind the first convolution; decides by the mean of 10 draws.", Spikes: true),
        new("RS-1-dropout", "The same with dropout 0.5 while training.", Dropout: 0.5, Spikes: true),
    ];

    internal static Scheme Named(string name) => s_all.First(scheme => scheme.Name == name);
}
