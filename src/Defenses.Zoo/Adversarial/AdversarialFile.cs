using System.Globalization;
using System.Text.Json;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The file of an <see cref="AdversarialSet"/>: its tensors by name, and one note in JSON for the rest.</summary>
internal static class AdversarialFile
{
    private const string Note = "defenses.adversarial";

    private static readonly string[] Needed = ["images", "adversarial", "labels", "met", "sizes"];

    public static void Write(string path, AdversarialSet set)
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["images"] = set.Images, ["adversarial"] = set.Adversarial, ["labels"] = set.Labels, ["met"] = set.Met, ["sizes"] = set.Sizes,
        };
        if (set.Targets is { } targets) tensors["targets"] = targets;
        var content = new Content(1, set.Name, [.. set.ClassNames], set.Attack,
            set.Seeds.OrderBy(seed => seed.Key, StringComparer.Ordinal)
                .ToDictionary(seed => seed.Key, seed => seed.Value.ToString(CultureInfo.InvariantCulture)),
            set.WeightsHash, set.Bounds.Lower, set.Bounds.Upper);
        Safetensors.Write(path, tensors, new Dictionary<string, string> { [Note] = JsonSerializer.Serialize(content) });
    }

    public static AdversarialSet Read(string path)
    {
        using var file = Safetensors.Read(path);
        if (!file.Metadata.TryGetValue(Note, out var note) || Needed.Any(name => !file.ContainsKey(name)))
            throw BadFile.Error(path, $"must be a saved AdversarialSet with {string.Join(", ", Needed)}, but holds: "
                + $"{string.Join(", ", file.Keys.Order(StringComparer.Ordinal))}. Plain images and labels: ArraySet.FromSafetensors.");
        if (file.Checksum is null) throw BadFile.Error(path, "must state its checksum, but states none: another program has written it. Save it again.");
        try
        {
            var content = JsonSerializer.Deserialize<Content>(note) is { Version: 1, Seeds: not null, ClassNames: not null } found
                ? found
                : throw BadFile.Error(path, "must be of version 1, which this version of the library reads.");
            return new AdversarialSet(file["images"], file["adversarial"], file["labels"], file["met"], file["sizes"], file.GetValueOrDefault("targets"))
            {
                Name = content.Name, ClassNames = content.ClassNames, Attack = content.Attack, WeightsHash = content.WeightsHash,
                Seeds = content.Seeds.ToDictionary(seed => seed.Key, seed => ulong.Parse(seed.Value, CultureInfo.InvariantCulture)),
                Bounds = (content.Lower, content.Upper),
            };
        }
        catch (Exception error) when (error is JsonException or ArgumentException or FormatException or OverflowException)
        {
            throw BadFile.Error(path, $"must be a saved AdversarialSet, but breaks a rule: {error.Message}", error);
        }
    }

    private sealed record Content(
        int Version, string Name, string[] ClassNames, string Attack, Dictionary<string, string> Seeds, string WeightsHash, double Lower, double Upper);
}
