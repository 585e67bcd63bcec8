using System.CommandLine;
using TorchSharp;

namespace Defenses.Cli;

/// <summary>The options of <c>verify</c>.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> Folder = new("folder") { Description = "A record, or a folder of records." };
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<ulong?> Seed = new("--seed")
    {
        Description = "The seed of the fresh draws. Default: unpredictable.", HelpName = "number",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Write verification.json into this folder. Default: nothing is written.", HelpName = "folder",
    };

    internal static Command Create()
    {
        var command = new Command("verify",
            "Judge records again on this machine: files, weights, layers, budgets, and each rate against its interval. Records hold all that is needed. "
            + "Exit code 0: all are reproduced, 2: some are not, 1: a mistake.") { Folder, Seed, Out, Threads };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, (_, stop) =>
        {
            var threads = parsed.GetValue(Threads);
            torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
            return Task.FromResult(new VerifyRun(parsed.GetValue(Folder)!, parsed.GetValue(Seed), parsed.GetValue(Out), stop).Execute());
        }, folder: parsed.GetValue(Out)));
        return command;
    }
}
