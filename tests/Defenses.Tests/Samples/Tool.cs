using System.Diagnostics;

namespace Defenses.Tests.Samples;

/// <summary>DefenseBench as a process.</summary>
internal sealed class Tool : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    private Tool(Process process)
    {
        _process = process;
        (_output, _errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "DefenseBench.dll");

    internal static Tool Start(string folder, params string[] arguments) => Run(folder, "dotnet", [Path, .. arguments]);

    // Another program, which may start the tool.
    internal static Tool Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        return new Tool(Process.Start(start)!);
    }

    internal (int Code, string Output) Finish()
    {
        using (this)
        {
            _process.WaitForExit(TimeSpan.FromMinutes(5)).Should().BeTrue("a smoke run takes seconds");
            return (_process.ExitCode, _output.Result + _errors.Result);
        }
    }

    // SIGKILL: the process gets no chance to tidy up. False if it had ended before.
    internal bool KillAfter(TimeSpan time)
    {
        if (_process.WaitForExit(time)) return false;
        _process.Kill();
        _process.WaitForExit();
        return true;
    }

    // The same as soon as something is there.
    internal bool KillOnce(Func<bool> begun)
    {
        while (!begun())
            if (_process.WaitForExit(TimeSpan.FromMilliseconds(10))) return false;
        return KillAfter(TimeSpan.Zero);
    }

    public void Dispose() => _process.Dispose();
}
