using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The changes that an attack found on a model.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Norm">The norm's name.</param>
/// <param name="Attack">The attack's name.</param>
/// <param name="Steps">Its steps; 0 for what others found.</param>
/// <param name="Sizes">The size of each image's change: 0 where the model errs without an attack, ∞ where nothing was found.</param>
public sealed record FoundChanges(string Model, string Norm, string Attack, int Steps, IReadOnlyList<double> Sizes)
{
    /// <summary>Passes of an image, each draw of a random model counted; null for what others found.</summary>
    public PassesPerImage? Passes { get; init; }

    /// <summary>Whether others found it.</summary>
    public bool IsReference => Passes is null;
}

/// <summary>Passes of an image.</summary>
public sealed record PassesPerImage(double Forward, double Backward)
{
    /// <summary>Both.</summary>
    public double Sum => Forward + Backward;
}

/// <summary>A model of the measurement.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsRandom">Whether it draws.</param>
/// <param name="Errors">The images at which it errs without an attack.</param>
public sealed record MeasuredModel(string Name, bool IsRandom, IReadOnlyList<bool> Errors)
{
    /// <summary>The share of images that it recognizes.</summary>
    internal Proportion Recognized => new(Errors.Count(errs => !errs), Errors.Count);
}

/// <summary>What was measured.</summary>
/// <param name="Models">The models.</param>
/// <param name="Effort">How much was done.</param>
/// <param name="Found">By model, norm, attack and steps.</param>
public sealed record OptimalityResults(IReadOnlyList<MeasuredModel> Models, OptimalityEffort Effort, IReadOnlyList<FoundChanges> Found)
{
    /// <summary>Whether a model has not learnt its task, so that nothing follows from changes.</summary>
    internal bool IsUntrained => Models.Any(model => TrainedWell.Fails(model.Recognized));

    /// <summary>The tables of the norms.</summary>
    internal IReadOnlyList<NormOptimality> Norms { get; } =
        [.. Effort.Norms.Select(norm => new NormOptimality(norm, Models, [.. Found.Where(found => found.Norm == norm)]))];
}

/// <summary>The attacks of a norm against the envelope of each model.</summary>
internal sealed class NormOptimality
{
    internal const double Far = 0.05;
    private const double Near = 0.01;
    private readonly IReadOnlyList<MeasuredModel> _models;
    private readonly IReadOnlyList<FoundChanges> _found;

    internal NormOptimality(string name, IReadOnlyList<MeasuredModel> models, IReadOnlyList<FoundChanges> found)
    {
        (Name, _models) = (name, models);
        _found = [.. models.SelectMany(model => WithErrors([.. found.Where(one => one.Model == model.Name)]))];
        Envelopes = models.ToDictionary(model => model.Name, model => Optimality.Envelope([.. Of(model.Name).Select(one => one.Sizes)]));
        Rows = [.. found.GroupBy(one => (one.Attack, one.Steps, one.IsReference)).Select(group => Row([.. group]))];
    }

    /// <summary>The norm.</summary>
    internal string Name { get; }

    /// <summary>The smallest change of each image, by model.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<double>> Envelopes { get; }

    /// <summary>Every attack with every number of steps.</summary>
    internal IReadOnlyList<OptimalityRow> Rows { get; }

    /// <summary>Each attack with most steps, and the references: the nearest to the envelope first.</summary>
    internal IReadOnlyList<OptimalityRow> Strongest =>
        [.. Rows.GroupBy(row => (row.Attack, row.IsReference)).Select(same => same.MaxBy(row => row.Steps)!).OrderByDescending(row => row.Global ?? -1)];

    /// <summary>The nearest of our attacks to the envelope.</summary>
    internal OptimalityRow Best => Strongest.First(row => !row.IsReference);

    /// <summary>All of our attacks together, against an envelope that holds the references, too.</summary>
    internal OptimalityRow Ours => Row(
    [
        .. _models.Select(model => Of(model.Name).Where(one => !one.IsReference).ToArray()).Select(ours =>
            new FoundChanges(ours[0].Model, Name, "all attacks here", ours.Max(one => one.Steps), Optimality.Envelope([.. ours.Select(one => one.Sizes)]))
            {
                Passes = new(ours.Sum(one => one.Passes!.Forward), ours.Sum(one => one.Passes!.Backward)),
            }),
    ]);

    internal bool HasReferences => _found.Any(one => one.IsReference);

    /// <summary>What was found on a model.</summary>
    internal IEnumerable<FoundChanges> Of(string model) => _found.Where(one => one.Model == model);

    /// <summary>The images of a model on which a change is the envelope's, within a hundredth.</summary>
    internal int Nearest(FoundChanges one) => one.Sizes.Zip(Envelopes[one.Model]).Count(image =>
        image.Second > 0 && double.IsFinite(image.First) && image.First <= image.Second * (1 + Near));

    /// <summary>Of all models: on how many images an attack is more than a twentieth above the envelope, of those that any attack broke.</summary>
    internal (int Count, int Of) Missed(OptimalityRow row) =>
        (row.Changes.Values.Sum(one => one.Sizes.Zip(Envelopes[one.Model]).Count(image =>
            double.IsFinite(image.Second) && image.First > (1 + Far) * image.Second)), row.Changes.Keys.Sum(Broken));

    /// <summary>The images of a model that some attack broke, without those at which it errs anyway.</summary>
    internal int Broken(string model) => Envelopes[model].Count(size => size > 0 && double.IsFinite(size));

    // Where a random model errs without any change in about half of its draws, the draws of some judgement decide so, and then for all attacks.
    private static IEnumerable<FoundChanges> WithErrors(IReadOnlyList<FoundChanges> found)
    {
        var errors = Optimality.Envelope([.. found.Where(one => !one.IsReference).Select(one => one.Sizes)]).Select(size => size == 0).ToArray();
        return found.Select(one => one with { Sizes = [.. one.Sizes.Zip(errors, (size, errs) => errs ? 0 : size)] });
    }

    private OptimalityRow Row(IReadOnlyList<FoundChanges> changes)
    {
        var byModel = changes.ToDictionary(one => one.Model);
        var local = _models.Select(model => byModel.TryGetValue(model.Name, out var one) ? Optimality.Local(one.Sizes, Envelopes[model.Name]) : null).ToArray();
        var passes = changes.Where(one => one.Passes is not null).Select(one => one.Passes!.Sum).ToArray();
        return new OptimalityRow(changes[0].Attack, changes[0].Steps, byModel, local, Optimality.Global(local), passes.Length > 0 ? passes.Average() : null)
        {
            Nearest = (changes.Sum(Nearest), changes.Sum(one => Broken(one.Model))),
        };
    }
}

/// <summary>An attack on all models in a norm.</summary>
/// <param name="Attack">Its name.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Changes">What it found, by model.</param>
/// <param name="Local">Its local optimality, model by model; null where there is none.</param>
/// <param name="Global">Their mean.</param>
/// <param name="Passes">Passes of an image, the mean over models; null for what others found.</param>
internal sealed record OptimalityRow(
    string Attack, int Steps, IReadOnlyDictionary<string, FoundChanges> Changes, IReadOnlyList<Estimate?> Local, double? Global, double? Passes)
{
    /// <summary>On how many images it is at the envelope, of those that any attack broke.</summary>
    internal (int Count, int Of) Nearest { get; init; }

    /// <summary>Whether others found it.</summary>
    internal bool IsReference => Passes is null;
}
