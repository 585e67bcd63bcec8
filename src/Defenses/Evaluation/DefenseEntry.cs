using Defenses.Certification;
using Defenses.Models;

namespace Defenses.Evaluation;

/// <summary>A model to evaluate, by name. Does not own the model.</summary>
public sealed class DefenseEntry
{
    /// <summary>Names a model.</summary>
    /// <param name="name">Unique in an evaluation.</param>
    /// <param name="model">The model as it would be deployed, in evaluation mode.</param>
    public DefenseEntry(string name, Classifier model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Model) = (name, Require.NotNull(model, nameof(model)));
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The model.</summary>
    public Classifier Model { get; }

    /// <summary>What it is, in a sentence for the report.</summary>
    public string? Description { get; init; }

    /// <summary>What it is a strength of, such as "dropout", when an evaluation holds several strengths of one defense.</summary>
    public string? Family { get; init; }

    /// <summary>The smoothed classifier around the model, where answers are certified; by default (null) none.</summary>
    /// <remarks>Its certificates are attacked whatever checks are asked for: one that breaks makes the verdict on the defense invalid.</remarks>
    public RandomizedSmoothing? Smoothing { get; init; }

    /// <summary>Certificates of the images, by their number; by default (null) the check makes some of its own. Needs <see cref="Smoothing"/>.</summary>
    public IReadOnlyList<Certificate>? Certificates { get; init => field = value is null ? null : [.. Require.NotEmpty(value, nameof(Certificates))]; }

    /// <exception cref="ArgumentException">There are certificates, but nobody who made them.</exception>
    internal void RequireSmoothing(string name)
    {
        if (Certificates is not null && Smoothing is null)
            throw new ArgumentException($"{name} with certificates must say who certified; '{Name}' has no Smoothing. Set it to the smoothed classifier.",
                name);
    }

    /// <summary>The cost of a prediction as a multiple of the first defense's, above 0, when it is known better than a stopwatch knows it.</summary>
    public double? Cost { get; init => field = value is { } cost ? Require.Positive(cost, nameof(Cost)) : null; }
}
