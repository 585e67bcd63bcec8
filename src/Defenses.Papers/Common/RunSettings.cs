using Defenses.Evaluation;

namespace Defenses.Papers;

/// <summary>What the user asked for.</summary>
/// <param name="DataSet">auto, mnist, fashion-mnist, cifar10 or synthetic.</param>
/// <param name="Data">The folder of the data sets, or null to look in the usual places.</param>
/// <param name="Download">Whether to fetch a data set that is not there.</param>
/// <param name="Preset">smoke, quick, long or paper.</param>
/// <param name="Seed">What everything follows from.</param>
/// <param name="Out">The folder of the run.</param>
/// <param name="Resume">Whether to go on with the run in the folder.</param>
/// <param name="Overwrite">Whether to start anew in a folder that holds a run.</param>
/// <param name="Only">Defenses to measure; all when empty.</param>
/// <param name="Threads">Threads for torch; 0 for all cores.</param>
public sealed record RunSettings(
    string DataSet, string? Data, bool Download, string Preset, ulong Seed, string Out, bool Resume, bool Overwrite, IReadOnlyList<string> Only, int Threads)
{
    /// <summary>The paper's protocol to run, or all; null for the main job.</summary>
    public string? Protocol { get; init; }

    /// <summary>The part of the evaluation to do; null for all of it.</summary>
    public Shard? Shard { get; init; }

    /// <summary>The folder in which records of the main job are kept; null for none.</summary>
    public string? Record { get; init; }

    /// <summary>How many test images to attack; null for the preset's number.</summary>
    public int? Images { get; init; }

    /// <summary>What the main job does otherwise than the preset says; nothing by default.</summary>
    public RunChoices Choices { get; init; } = new();

    /// <summary>The command that does the same again.</summary>
    public string Command(string dataSet, string? protocol = null) =>
        $"defenses run{(protocol is null ? "" : $" --protocol {protocol}")} --dataset {dataSet} --preset {Preset} --seed "
            + $"{Seed}{(Images is { } images ? $" --images {images}" : "")}" + string.Concat(Only.Select(name => $" --defense \"{name}\""))
            + Choices.OnLine;
}
