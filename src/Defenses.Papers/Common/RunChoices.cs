using System.Globalization;
using System.Text.Json.Serialization;

namespace Defenses.Papers;

/// <summary>What the main job does otherwise than its preset says.</summary>
public sealed record RunChoices
{
    /// <summary>The attacks by name; null for those of the preset.</summary>
    public IReadOnlyList<string>? Attacks { get; init; }

    /// <summary>The budgets ε, of a range of 0 to 1, in ascending order; null for those of the preset.</summary>
    public IReadOnlyList<double>? Strengths { get; init; }

    /// <summary>Steps of iterated attacks; null for the preset's number.</summary>
    public int? Steps { get; init; }

    /// <summary>The judge's draws of each image; null for the preset's number.</summary>
    public int? Draws { get; init; }

    /// <summary>The tries of an attacker at each image; null for one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Tries { get; init; }

    /// <summary>The options that say it, with a space before each.</summary>
    internal string OnLine => string.Concat(Named.Select(choice => string.Create(CultureInfo.InvariantCulture, $" {choice.Option} {choice.Value}")));

    /// <summary>The options that were given, by name, with their values.</summary>
    [JsonIgnore]
    public IReadOnlyList<(string Option, string Value)> Named =>
    [
        .. (Attacks ?? []).Select(name => ("--attack", name)),
        .. (Strengths ?? []).Select(strength => ("--epsilon", strength.ToString("R", CultureInfo.InvariantCulture))),
        .. Steps is { } steps ? new[] { ("--steps", steps.ToString(CultureInfo.InvariantCulture)) } : [],
        .. Draws is { } draws ? new[] { ("--draws", draws.ToString(CultureInfo.InvariantCulture)) } : [],
        .. Tries is { } tries ? new[] { ("--tries", tries.ToString(CultureInfo.InvariantCulture)) } : [],
    ];
}
