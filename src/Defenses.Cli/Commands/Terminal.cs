using Spectre.Console;

namespace Defenses.Cli;

/// <summary>The console, as its reader is: a terminal gets colours and links; a file or another program gets plain lines of any length.</summary>
internal static class Terminal
{
    private const int AnyWidth = 10_000;

    /// <summary>Sets the console that everything is told through.</summary>
    internal static void Adapt() => AnsiConsole.Console = Create(Console.Out, !Console.IsOutputRedirected, Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <param name="output">Where it writes.</param>
    /// <param name="isTerminal">Whether a person looks at it.</param>
    /// <param name="noColor">The environment's NO_COLOR: anything but null and nothing takes the colours.</param>
    internal static IAnsiConsole Create(TextWriter output, bool isTerminal, string? noColor)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output), Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            ColorSystem = isTerminal && string.IsNullOrEmpty(noColor) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = isTerminal },   // those of build servers turn escapes on
        });
        if (isTerminal) return console;
        console.Profile.Width = AnyWidth;
        console.Profile.Capabilities.Links = false;
        return console;
    }
}
