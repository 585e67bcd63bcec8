using System.CommandLine;
using Defenses.Evaluation;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary><c>report</c>: writes the pages again from report.json or protocol.json.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string> From = new("file") { Description = "report.json, protocol.json, or a folder with one of them." };

    private static readonly Option<string?> Out = new("--out") { Description = "Folder for the pages. Default: that of the file.", HelpName = "folder" };

    internal static Command Create()
    {
        var command = new Command("report", "Write the Markdown and HTML pages again from report.json or protocol.json.") { From, Out };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, _ =>
        {
            Write(parsed.GetValue(From)!, parsed.GetValue(Out));
            return Task.CompletedTask;
        }, parsed.GetValue(Out) ?? FolderOf(parsed.GetValue(From)!)));
        return command;
    }

    // Null for what is not there: nothing is written then.
    private static string? FolderOf(string from) => Directory.Exists(from) ? from : File.Exists(from) ? Path.GetDirectoryName(Path.GetFullPath(from)) : null;

    private static void Write(string from, string? into)
    {
        var files = Directory.Exists(from) ? new[] { "report.json", ProtocolFiles.Name }.Select(name => Path.Combine(from, name)).Where(File.Exists).ToArray()
            : [from];
        if (files.Length == 0 || !File.Exists(files[0])) throw new UserError(
            $"{from} is no report: there is no report.json and no protocol.json. Give the folder of a run.");
        foreach (var file in files)
        {
            var folder = into ?? Path.GetDirectoryName(Path.GetFullPath(file))!;
            var text = File.ReadAllText(file);
            // A schema that is neither is told by the reader that fits the file's name.
            if (text.Contains(ProtocolReport.CurrentSchema[..^1], StringComparison.Ordinal)
                || Path.GetFileName(file) == ProtocolFiles.Name) ProtocolFiles.Save(ProtocolFiles.Read(text), folder);
            else EvaluationReport.FromJson(text).Save(folder);
            AnsiConsole.MarkupLineInterpolated($"Written from {file}: {Path.GetFullPath(folder)}");
        }
    }
}
