namespace Defenses.Training;

/// <summary>Labelled images with a name and the names of their classes: what an evaluation reports on.</summary>
/// <remarks><see cref="ITrainingData.Batch"/> gives floating-point images and (n,) int64 classes, each below the number of class names.</remarks>
public interface ILabeledSet : ITrainingData
{
    /// <summary>What the images are, for reports.</summary>
    string Name { get; }

    /// <summary>The name of each class, by number.</summary>
    IReadOnlyList<string> ClassNames { get; }
}
