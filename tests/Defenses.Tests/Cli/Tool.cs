using System.Diagnostics;
using Defenses.Cli;
using Defenses.Tests.Papers;

namespace Defenses.Tests.Cli;

/// <summary>The command line, as a process or called.</summary>
internal sealed class Tool : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output, _errors;

    private Tool(Process process)
    {
        _process = process;
        (_output, _errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    internal static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Defenses.Cli.dll");

    internal static Tool Start(string folder, params string[] arguments) => Run(folder, "dotnet", [Path, .. arguments]);

    // In this process, for what is refused before torch has much to do: all that is told of it goes through the writers. Name files in full, and give
    // --threads 1.
    internal static (int Code, string Output) Call(params string[] arguments)
    {
        using var told = new StringWriter();
        return (EntryPoint.Run(arguments, told, told).GetAwaiter().GetResult(), $"{told}");
    }

    // Another program, which may start the tool.
    internal static Tool Run(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder,
        };
        start.Environment["DOTNET_TieredPGO"] = "0";   // a profile of code that runs for seconds costs more than it gives
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
    internal bool KillOnce(Func<bool> begun) => Waits(begun) && KillAfter(TimeSpan.Zero);

    /// <summary>Waits until something is there. False if the process ended before.</summary>
    internal bool Waits(Func<bool> begun)
    {
        while (!begun())
            if (_process.WaitForExit(TimeSpan.FromMilliseconds(10))) return false;
        return true;
    }

    /// <summary>Kills it when its folder holds half as many files as that of a run that was left alone: however fast the machine is.</summary>
    internal bool KillHalfway(string whole, string killed)
    {
        var half = Files(whole) / 2;
        return KillOnce(() => Files(killed) >= half);

        static int Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Length : 0;
    }

    public void Dispose() => _process.Dispose();
}
