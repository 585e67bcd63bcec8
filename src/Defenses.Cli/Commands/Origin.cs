using System.Collections;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Runtime.InteropServices;
using Defenses.Papers;
using TorchSharp;

namespace Defenses.Cli;

/// <summary>What is needed to get the results of a command on a saved model again: all its options, the file of weights, the data, and the versions.</summary>
internal sealed record Origin
{
    /// <summary>The command with every option, also those that were left to their defaults; the data set as it was found.</summary>
    public required string Command { get; init; }

    /// <summary>The same options by name; what was not set and has no default is left out.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Options { get; init; }

    /// <summary>The file of weights, and the SHA-256 of its bytes.</summary>
    public required WeightsFile Weights { get; init; }

    /// <summary>The network that they were read into.</summary>
    public required string Network { get; init; }

    /// <summary>The data set by its option and its name, and how many test images it has.</summary>
    public required DataSource Data { get; init; }

    /// <summary>Version by name: Defenses, TorchSharp, libtorch, the runtime, the system.</summary>
    public required IReadOnlyDictionary<string, string> Versions { get; init; }

    /// <summary>Threads of torch; sums may differ in their last digits with another number.</summary>
    public required int Threads { get; init; }

    internal static Origin Of(ParseResult parsed, LoadedModel model)
    {
        var options = new SortedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var option in parsed.CommandResult.Command.Options.Where(option => parsed.GetResult(option) is not null
            && option.Name is not "--resume" and not "--overwrite"))
            if (Values(parsed.GetResult(option)!) is { Count: > 0 } values)
                options[option.Name] = option.Name == "--dataset" && !model.Data.IsOwn ? [model.Data.Key] : values;
        return new Origin
        {
            Command = Line(parsed.CommandResult.Command.Name, options), Options = options, Weights = new WeightsFile(model.File, model.FileHash()),
            Network = model.Name,
            Data = new DataSource(model.Data.Key, model.Data.Name, model.Data.Total), Threads = torch.get_num_threads(), Versions = Installed(),
        };
    }

    private static SortedDictionary<string, string> Installed() => new(StringComparer.Ordinal)
    {
        ["Defenses"] = AssemblyVersion.Library, ["TorchSharp"] = AssemblyVersion.Of(typeof(torch).Assembly), ["libtorch"] = torch.__version__,
        ["runtime"] = RuntimeInformation.FrameworkDescription, ["system"] = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}",
    };

    private static string Line(string command, IReadOnlyDictionary<string, IReadOnlyList<string>> options) =>
        string.Join(' ', [$"defenses {command}", .. options.SelectMany(option =>
            option.Value.Select(value => value == "true" ? option.Key : $"{option.Key} {Quoted(value)}"))]);

    // In every shell one word.
    private static string Quoted(string value) => value.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./,:+=".Contains(letter)) && value.Length > 0
        ? value : $"\"{value}\"";

    private static IReadOnlyList<string> Values(OptionResult result) => result.GetValueOrDefault<object?>() switch
    {
        null or false => [], true => ["true"], string text => [text], IEnumerable many => [.. many.Cast<object>().Select(Text)], var one => [Text(one)],
    };

    private static string Text(object value) => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : $"{value}";

    internal sealed record WeightsFile(string File, string Sha256);

    internal sealed record DataSource(string Key, string Name, long TestImages);
}
