using Defenses.Certification;
using Defenses.Models;

namespace Defenses.Evaluation;

/// <summary>A named model for an evaluation. Does not own the model.</summary>
public sealed class DefenseEntry
{
    /// <summary>Names a model.</summary>
    /// <param name="name">Unique in an evaluation.</param>
    /// <param name="model">The model as it would be deployed, in evaluation mode: a classifier, an oracle, or any other view.</param>
    public DefenseEntry(string name, ModelView model)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        (Name, Model) = (name, Require.NotNull(model, nameof(model)));
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The model.</summary>
    public ModelView Model { get; }

    /// <summary>The model if it is a classifier; null for an oracle and any other view.</summary>
    public Classifier? Classifier => Model as Classifier;

    /// <summary>The version of the model, such as the hash of its file; by default that of an oracle, or null.</summary>
    /// <remarks>Work is continued with the same version only. It is needed where a model shows no weights.</remarks>
    public string? Version { get => field ?? (Model as Oracle)?.Version; init; }

    /// <summary>A description in one sentence, for the report.</summary>
    public string? Description { get; init; }

    /// <summary>The name of its family, such as "dropout", if an evaluation holds several strengths of one defense.</summary>
    public string? Family { get; init; }

    /// <summary>The smoothed classifier around the model, if predictions are certified; by default (null) none.</summary>
    /// <remarks>Its certificates are always attacked, with any choice of checks. A broken certificate makes the verdict on the defense invalid.</remarks>
    public RandomizedSmoothing? Smoothing { get; init; }

    /// <summary>Certificates of the images, by image number; by default (null) the check makes some. Needs <see cref="Smoothing"/>.</summary>
    public IReadOnlyList<Certificate>? Certificates { get; init => field = value is null ? null : [.. Require.NotEmpty(value, nameof(Certificates))]; }

    /// <summary>How the model is made again, for records; none by default.</summary>
    public RebuildRecipe? Recipe { get; init; }

    /// <exception cref="ArgumentException">Certificates without Smoothing.</exception>
    internal void RequireSmoothing(string name)
    {
        if (Certificates is not null && Smoothing is null)
            throw new ArgumentException(
                $"{name} with certificates must have Smoothing; '{Name}' has none. Set Smoothing to the smoothed classifier that made them.",
                name);
    }

    /// <summary>The cost of a prediction as a multiple of the first defense's, above 0, if it is known more exactly than by timing.</summary>
    public double? Cost { get; init => field = value is { } cost ? Require.Positive(cost, nameof(Cost)) : null; }
}
