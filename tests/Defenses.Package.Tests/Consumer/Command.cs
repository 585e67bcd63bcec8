using System.Diagnostics;

namespace Defenses.Package.Tests.Consumer;

/// <summary>Runs a command as a user would: nothing of this test run's own build is handed on.</summary>
internal static class Command
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    /// <summary>What the command printed. An exit code other than 0 is an error that shows it.</summary>
    public static string Run(string folder, string program, params string[] arguments)
    {
        using var process = Process.Start(Start(folder, program, arguments))!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', arguments)}' had not ended after {Limit}.");
        }

        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException(
                $"'{program} {string.Join(' ', arguments)}' in '{folder}' ended with exit code {process.ExitCode}:\n{output.Result}\n{errors.Result}");
    }

    private static ProcessStartInfo Start(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment.Remove("LoadTorchOnOlderLinux");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";   // leaves no build server behind
        start.Environment["UseSharedCompilation"] = "false";  // the same for the compiler's
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["OMP_WAIT_POLICY"] = "passive";     // spinning threads cost a factor of five on a busy machine
        return start;
    }
}
