namespace Defenses.Cli;

/// <summary>The one line of a message of torch's that says what was wrong, without its traces.</summary>
internal static class TorchMessage
{
    internal static string Of(Exception error)
    {
        var lines = error.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var said = lines.LastOrDefault(line => line.StartsWith("RuntimeError: ", StringComparison.Ordinal)) ?? lines.FirstOrDefault() ?? error.GetType().Name;
        return said.Replace("RuntimeError: ", "", StringComparison.Ordinal);
    }
}
