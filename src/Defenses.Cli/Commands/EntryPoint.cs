using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Defenses.Cli;

/// <summary>All commands together, and how a mistake on the command line is told.</summary>
internal static class EntryPoint
{
    internal static RootCommand Root { get; } = new("Trains a network, protects it, attacks it, and says honestly how hard it is to fool.")
    {
        RunCommand.CreateDemo(), RunCommand.Create(), MergeCommand.Create(), TrainCommand.Create(), AttackCommand.Create(), JudgeCommand.Create(),
        DetectCommand.Create(), EvaluateCommand.Create(), OptimalityCommand.Create(), CertifyCommand.Create(), DoctorCommand.Create(), ReportCommand.Create(),
        ListCommand.Create(), VerifyCommand.Create(), SubmitCommand.Create(), LeaderboardCommand.Create(), BenchmarkCommand.Create(),
    };

    /// <summary>Does what the arguments say, and returns the exit code.</summary>
    /// <param name="output">Where help goes; null: the console.</param>
    /// <param name="errors">Where mistakes are told; null: the console.</param>
    internal static async Task<int> Run(IReadOnlyList<string> arguments, TextWriter? output = null, TextWriter? errors = null)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (output is not null) configuration.Output = output;
        if (errors is not null) configuration.Error = errors;
        var parsed = Root.Parse(arguments);
        if (parsed.Action is ParseErrorAction && arguments.Count > 0) return Refuse(parsed, configuration.Error);
        Terminal.Adapt();
        try { return await parsed.InvokeAsync(configuration); }
        catch (Exception error) { return Failure.Tell(error, parsed, configuration.Error); }
    }

    // A sentence for each mistake; the help, which would bury it, only by name.
    private static int Refuse(ParseResult parsed, TextWriter errors)
    {
        foreach (var sentence in parsed.Errors.Select(Sentence).Distinct()) errors.WriteLine($"error: {sentence}");
        errors.WriteLine($"For help: defenses {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help");
        return 1;
    }

    private static string Sentence(ParseError error)
    {
        var option = (error.SymbolResult as OptionResult ?? error.SymbolResult?.Parent as OptionResult)?.Option.Name;
        var text = string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return option is null || text.Contains(option, StringComparison.Ordinal) ? text : $"{option}: {text}";
    }
}
