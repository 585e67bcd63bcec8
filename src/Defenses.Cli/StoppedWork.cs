using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The work of a command that a stop has left in the folder of --out, and that the same command goes on with.</summary>
internal static class StoppedWork
{
    /// <summary>Opens the folder: goes on with work of the same settings; a finished result gives way to work of other settings.</summary>
    /// <param name="identity">What the work depends on.</param>
    /// <param name="result">The file that is there once the command has finished.</param>
    /// <exception cref="UserError">The folder holds unfinished work of other settings; or --resume finds none.</exception>
    internal static RunFolder Open(RunSettings run, object identity, string result)
    {
        var isFinished = RunFolder.IsBegun(run.Out) && File.Exists(Path.Combine(run.Out, result));
        if (!isFinished || run.Resume) return RunFolder.Open(run.Out, identity, run.Resume ? true : null, run.Overwrite);
        try
        {
            return RunFolder.Open(run.Out, identity, null, run.Overwrite);
        }
        catch (UserError)
        {
            return RunFolder.Open(run.Out, identity, null, overwrite: true);
        }
    }
}
