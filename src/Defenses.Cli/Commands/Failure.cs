using System.CommandLine;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Defenses.Zoo;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>How what went wrong is told, in every command: a line, and an exit code.</summary>
internal static partial class Failure
{
    /// <summary>Exit code of what the user can mend: an option, a file, a full disk.</summary>
    internal const int Mendable = 1;

    /// <summary>Exit code of what should not happen: a fault of the tool, the library or torch.</summary>
    internal const int Unexpected = 70;

    /// <summary>Set to anything, this variable of the environment has the place of a failure told, too.</summary>
    internal const string TraceVariable = "DEFENSES_TRACE";

    /// <summary>Tells a failure, and gives the exit code.</summary>
    internal static int Tell(Exception error, ParseResult parsed, TextWriter errors)
    {
        var (line, code) = Describe(error);
        errors.WriteLine($"error: {line}{(IsFull(error) ? $" Free some space. {WrittenWork.AfterFullDisk(parsed)}" : "")}");
        if (!string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TraceVariable))) errors.WriteLine($"{error}");
        return code;
    }

    /// <summary>What to say, and the exit code.</summary>
    internal static (string Line, int Code) Describe(Exception error) => error switch
    {
        UserError or IOException or UnauthorizedAccessException or InvalidDataException => (error.Message, Mendable),
        _ when IsMemory(error) => ($"there is not enough memory: {FirstLine(error)} Take fewer or smaller things: --images, a layer's number, threads.",
            Mendable),
        ArgumentException or InvalidOperationException or NotSupportedException when error is not ObjectDisposedException && IsSaidByTheLibrary(error) =>
            (FirstLine(error), Mendable),
        _ => ($"this should not happen: {error.GetType().Name}: {FirstLine(error)} Please report it, with what {TraceVariable}=1 in the environment adds.",
            Unexpected),
    };

    // Thrown by the library itself for what it was given, not by what it called by mistake.
    private static bool IsSaidByTheLibrary(Exception error)
    {
        var thrower = new StackTrace(error).GetFrames().Select(frame => frame.GetMethod()?.DeclaringType)
            .FirstOrDefault(type => type is not null && !type.IsSubclassOf(typeof(Exception)));
        return thrower is not null && (thrower.Assembly == typeof(AtomicFile).Assembly || thrower.Assembly == typeof(DataSet).Assembly);
    }

    private static bool IsMemory(Exception error) => error is OutOfMemoryException
        || (error is ExternalException && (error.Message.Contains("can't allocate memory", StringComparison.Ordinal)
            || error.Message.Contains("out of memory", StringComparison.Ordinal)));

    // ENOSPC, EDQUOT and EFBIG, and Windows' two words for a full disk.
    private static bool IsFull(Exception error) => error is IOException && (error.HResult is 28 or 122 or 27 || (error.HResult & 0xFFFF) is 0x70 or 0x27);

    // Without the name of a parameter, which is none of an option, and without torch's own trace.
    private static string FirstLine(Exception error)
    {
        var line = ParameterName().Replace(error.Message.Split('\n')[0].Trim(), "");
        return line.EndsWith('.') ? line : line + ".";
    }

    [GeneratedRegex(@" \(Parameter '[^']*'\)$")]
    private static partial Regex ParameterName();
}
