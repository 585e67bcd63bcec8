using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How many predictions survive a harmless change of the image.</summary>
/// <param name="Unchanged">
/// The share of changed images that are recognised as the same class as the unchanged one. The trials are the images; each counts with the share of
/// its repeats.
/// </param>
/// <param name="Accuracy">The share of changed images that are recognised as their label, counted likewise; null without labels.</param>
/// <param name="Repeats">How often each image was changed.</param>
public sealed record Stability(Proportion Unchanged, Proportion? Accuracy, int Repeats);
