using Spectre.Console;

namespace Defenses.Benchmarks.Commands;

/// <summary>A line that says what is being measured; nothing when the output goes into a file.</summary>
internal static class Progress
{
    public static T While<T>(string title, Func<Action<string>, T> work) => AnsiConsole.Profile.Capabilities.Interactive
        ? AnsiConsole.Status().Start(title, status => work(text => status.Status(Markup.Escape(text))))
        : work(_ => { });
}
