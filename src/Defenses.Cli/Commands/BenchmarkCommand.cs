using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>benchmark</c>.</summary>
internal static class BenchmarkCommand
{
    private static readonly Option<string?> Data = CommonOptions.Data();
    private static readonly Option<string> DataSet = CommonOptions.DataSet(), Out = CommonOptions.Out("benchmark");
    private static readonly Option<bool> Download = CommonOptions.Download(), Overwrite = CommonOptions.Overwrite();
    private static readonly Option<ulong> Seed = CommonOptions.Seed();
    private static readonly Option<int> Threads = CommonOptions.Threads();
    private static readonly Option<int?> Images = CommonOptions.Given("--images", "Attack so many images in place of the preset's number.");
    private static readonly Option<string?> Base = Weights("--base", "the unprotected network on MNIST, which is then not trained");
    private static readonly Option<string?> Trades = Weights("--trades", "the public TRADES network for MNIST, an entry of its own");
    private static readonly Option<string?> Ddn = Weights("--ddn", "the public network for MNIST that was trained with DDN, an entry of its own");

    private static readonly Option<string> Size = new("--preset")
    {
        Description = "quick: 50 images, wide intervals. long: 200 images. paper: days on a CPU. smoke: whether everything runs.",
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<string[]> Only = new("--defense") { Description = "Only these defenses (may be given several times).", HelpName = "name" };

    internal static Command Create()
    {
        Size.AcceptOnlyFromAmong(Preset.Names);
        var command = new Command("benchmark",
            "Make records of every defense on MNIST and of some on CIFAR-10, twenty entries with --trades and --ddn, and the leaderboard of them. "
            + "Stopped, the same command goes on.")
        {
            Base, Trades, Ddn, Data, DataSet, Download, Size, Images, Only, Seed, Out, Overwrite, Threads,
        };
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation, stop => new BenchmarkRun(Settings(parsed), stop).Execute()));
        return command;
    }

    private static BenchmarkSettings Settings(ParseResult parsed)
    {
        foreach (var option in new[] { Base, Trades, Ddn })
            if (parsed.GetValue(option) is { } file) PathOption.RequireFile(option.Name, file, "Give weights of hrs-mnist.");
        var run = new RunSettings(
            parsed.GetValue(DataSet)!, parsed.GetValue(Data), parsed.GetValue(Download), parsed.GetValue(Size)!, parsed.GetValue(Seed), parsed.GetValue(Out)!,
            false, parsed.GetValue(Overwrite), parsed.GetValue(Only) ?? [], parsed.GetValue(Threads)) { Images = parsed.GetValue(Images) };
        (string, string, string?)[] others =
        [
            ("TRADES, public", "Trained for answers that are stable within 0.3 (Zhang et al. 2019), by its authors.", parsed.GetValue(Trades)),
            ("DDN, public", "Trained against DDN, for robustness in L2 (Rony et al. 2019).", parsed.GetValue(Ddn)),
        ];
        return new BenchmarkSettings(run, parsed.GetValue(Base), [.. others.Where(other => other.Item3 is not null)
            .Select(other => (other.Item1, other.Item2, other.Item3!))]);
    }

    private static Option<string?> Weights(string name, string what) => new(name)
    {
        Description = $"Weights of {what} (hrs-mnist; .safetensors, .pth).", HelpName = "file",
    };
}
