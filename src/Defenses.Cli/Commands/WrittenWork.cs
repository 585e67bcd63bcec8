using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>What a command has left in its folder when it is stopped or fails, as it is and not as it was hoped.</summary>
/// <remarks>Commands with --resume keep finished work; the others write all of their files at the end, or none.</remarks>
internal static class WrittenWork
{
    /// <summary>The folder that a command writes into: its option --out; null where it has none or is not given.</summary>
    internal static string? Folder(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == "--out") is Option<string?> option ? parsed.GetValue(option) : null;

    /// <summary>What to say after a stop.</summary>
    internal static string AfterStop(ParseResult parsed) => GoesOn(parsed) ? $"Finished work is kept in {Folder(parsed)}; the same command goes on."
        : IsKept(parsed)
        ? $"Finished work is kept in {Folder(parsed)}; go on with the same command and --resume{InPlace(parsed)}." : "No result was written.";

    /// <summary>What to say of a full disk.</summary>
    internal static string AfterFullDisk(ParseResult parsed) => GoesOn(parsed) ? $"Then give the same command again: finished work is kept in {Folder(parsed)}."
        : IsKept(parsed)
        ? $"Then go on with the same command and --resume{InPlace(parsed)}: finished work is kept in {Folder(parsed)}."
        : "Then give the same command again: no result was written.";

    // A benchmark needs no --resume: each of its records is whole or not there.
    private static bool GoesOn(ParseResult parsed) => parsed.CommandResult.Command.Name == "benchmark";

    private static bool IsKept(ParseResult parsed) => Has(parsed, "--resume") && Folder(parsed) is { } folder && RunFolder.IsBegun(folder);

    private static string InPlace(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == "--overwrite") is Option<bool> overwrite && parsed.GetValue(overwrite)
        ? " in place of --overwrite" : "";

    private static bool Has(ParseResult parsed, string name) => parsed.CommandResult.Command.Options.Any(option => option.Name == name);
}
