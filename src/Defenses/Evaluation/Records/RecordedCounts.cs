using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defenses.Evaluation;

/// <summary>For each image the number of fresh draws, out of K, in which it was recognized; and the seed of the judge that drew them.</summary>
public sealed record RecordedCounts
{
    /// <summary>The seed of the judge.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong Seed { get; init; }

    /// <summary>The counts, (N,); in JSON one text with spaces between them.</summary>
    [JsonConverter(typeof(CountsConverter))]
    public required IReadOnlyList<int> Correct { get; init; }
}

/// <summary>Whole numbers as one text with spaces between them: a line of JSON for thousands of images.</summary>
internal sealed class CountsConverter : JsonConverter<IReadOnlyList<int>>
{
    public override IReadOnlyList<int> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
    [
        .. (reader.GetString() ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
                : throw new JsonException($"counts must be whole numbers, 0 or above; one is '{text}'.")),
    ];

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<int> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Join(' ', value.Select(count => count.ToString(CultureInfo.InvariantCulture))));
}
