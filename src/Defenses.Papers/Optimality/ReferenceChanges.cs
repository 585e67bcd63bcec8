using System.Text.Json;

namespace Defenses.Papers;

/// <summary>The smallest changes that others found on the same models and images, from a file.</summary>
/// <remarks>
/// JSON: attacks["MODEL/ATTACK_NORM"] has success (0 or 1) and size for each image, in the order of the images; the norm is l0, l1, l2 or linf. Where a model
/// has no such attack in a norm, best["MODEL/NORM"] counts: the smallest size of each image. Sizes of failures mean nothing.
/// </remarks>
public sealed class ReferenceChanges
{
    private readonly Dictionary<string, ChangesEntry> _attacks;
    private readonly Dictionary<string, double[]> _best;

    private ReferenceChanges(ChangesDocument document) => (_attacks, _best) = (document.Attacks ?? [], document.Best ?? []);

    /// <summary>The models that the file says something about.</summary>
    public IReadOnlyList<string> Models => [.. _attacks.Keys.Concat(_best.Keys).Select(key => key.Split('/')[0]).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Reads the text of a file.</summary>
    /// <exception cref="InvalidDataException">It is no such JSON, or an entry is wrong.</exception>
    public static ReferenceChanges Read(string json)
    {
        ChangesDocument? document;
        try { document = JsonSerializer.Deserialize<ChangesDocument>(json, new JsonSerializerOptions(JsonSerializerDefaults.Web)); }
        catch (JsonException error) { throw new InvalidDataException($"this is no JSON with attacks and best: {error.Message}", error); }
        var references = new ReferenceChanges(document ?? new ChangesDocument(null, null));
        foreach (var (key, entry) in references._attacks)
            if (entry is not { Success: not null, Size: not null } || entry.Success.Length != entry.Size.Length || entry.Changes.Any(size => !(size >= 0)))
                throw new InvalidDataException($"attacks[\"{key}\"] must have success (0 or 1) and size (0 or above) for each image.");
        foreach (var (key, sizes) in references._best)
            if (sizes is null || sizes.Any(size => !(size >= 0)))
                throw new InvalidDataException($"best[\"{key}\"] must have a size, 0 or above, for each image.");
        return references.Models.Count > 0 ? references : throw new InvalidDataException("there are no attacks and no best in it.");
    }

    /// <summary>What the file has on a model in a norm, for the first images.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="norm">L0, L1, L2 or Linf.</param>
    /// <param name="errors">The images at which the model errs without an attack, as many as are attacked.</param>
    /// <param name="isRandom">Whether the model is random, so that others may have seen other errors.</param>
    /// <exception cref="InvalidDataException">The file has fewer images, or says that the model errs where it does not.</exception>
    internal IEnumerable<FoundChanges> Of(string model, string norm, IReadOnlyList<bool> errors, bool isRandom)
    {
        var (suffix, key) = ($"_{norm.ToLowerInvariant()}", $"{model}/{norm.ToLowerInvariant()}");
        var attacks = _attacks.Where(one => one.Key.StartsWith(model + "/", StringComparison.Ordinal) && one.Key.EndsWith(suffix, StringComparison.Ordinal))
            .Select(one => (Name: one.Key[(model.Length + 1)..^suffix.Length], Sizes: one.Value.Changes)).ToArray();
        if (attacks.Length == 0 && _best.TryGetValue(key, out var best)) attacks = [("best", best)];
        foreach (var (name, sizes) in attacks)
        {
            if (sizes.Length < errors.Count)
                throw new InvalidDataException($"'{name}' of {key} has {sizes.Length} images; {errors.Count} are attacked. Attack as many (--images).");
            var wrong = isRandom ? -1 : Enumerable.Range(0, errors.Count).FirstOrDefault(image => sizes[image] == 0 && !errors[image], -1);
            if (wrong >= 0)
                throw new InvalidDataException($"'{name}' of {key} says that the model errs at image {wrong} without a change, and it does not: the file is "
                    + "about another model, or other images.");
            yield return new FoundChanges(model, norm, $"{name}, by others", 0, [.. sizes.Take(errors.Count)]);
        }
    }

    /// <summary>What was measured, as such a file: each attack with most steps.</summary>
    public static ChangesDocument From(OptimalityResults results) => new(
        results.Norms.SelectMany(norm => norm.Strongest).Where(row => !row.IsReference).SelectMany(row => row.Changes.Values).ToDictionary(
            found => $"{found.Model}/{found.Attack}_{found.Norm.ToLowerInvariant()}",
            found => ChangesEntry.Of(found.Sizes)), null);
}

/// <summary>Changes by model, attack and norm, as a file has them.</summary>
public sealed record ChangesDocument(Dictionary<string, ChangesEntry>? Attacks, Dictionary<string, double[]>? Best);

/// <summary>An attack's changes.</summary>
/// <param name="Success">1 where it found one, else 0; for each image.</param>
/// <param name="Size">The sizes of those.</param>
public sealed record ChangesEntry(int[] Success, double[] Size)
{
    internal static ChangesEntry Of(IReadOnlyList<double> changes) =>
        new([.. changes.Select(size => double.IsFinite(size) ? 1 : 0)], [.. changes.Select(size => double.IsFinite(size) ? size : 0)]);

    // ∞ for failures.
    internal double[] Changes => [.. Success.Zip(Size, (success, size) => success == 1 ? size : double.PositiveInfinity)];
}
