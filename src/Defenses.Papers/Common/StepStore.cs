using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Defenses.Papers;

/// <summary>The results of finished steps, one file each. A torn file counts as missing: its step is done again.</summary>
internal sealed class StepStore(string folder)
{
    private readonly Dictionary<string, double> _seconds = [];

    /// <summary>Seconds of each step asked for so far, in whichever run it was done.</summary>
    internal IReadOnlyDictionary<string, double> Seconds => _seconds;

    /// <summary>Whether the step is finished.</summary>
    internal bool Has<T>(string name) => Read<T>(name) is not null;

    /// <summary>The step's result, done now or in an earlier run. Always read back from its JSON, so that both are the same.</summary>
    internal T Do<T>(string name, Func<T> work)
    {
        if (_seconds.ContainsKey(name)) throw new InvalidOperationException($"The step '{name}' was done twice in one run; give each step its own name.");
        var piece = Read<T>(name) ?? Write(name, work);
        _seconds[name] = piece.Seconds;
        return piece.Value;
    }

    private Piece<T> Write<T>(string name, Func<T> work)
    {
        var watch = Stopwatch.StartNew();
        var value = work();
        AtomicFile.Write(PathOf(name), JsonSerializer.Serialize(new Piece<T>(name, watch.Elapsed.TotalSeconds, value), Json.Compact));
        return Read<T>(name) ?? throw new InvalidOperationException(
            $"The result of step '{name}' ({typeof(T)}) does not come back from JSON. Return a record of plain values.");
    }

    private Piece<T>? Read<T>(string name)
    {
        if (!File.Exists(PathOf(name))) return null;
        try { return JsonSerializer.Deserialize<Piece<T>>(File.ReadAllText(PathOf(name)), Json.Compact) is { Value: not null } piece && piece.Name == name
            ? piece : null; }
        catch (JsonException) { return null; }
    }

    // Readable, and different for names that differ in what a file name cannot hold.
    private string PathOf(string name)
    {
        var readable = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' ? letter : '_'));
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        return Path.Combine(folder, $"{readable[..Math.Min(80, readable.Length)]}-{hash[..8]}.json");
    }

    private sealed record Piece<T>(string Name, double Seconds, T Value);
}
