using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of <c>train</c>.</summary>
internal static class TrainCommand
{
    private static readonly Option<string?> Data = CommonOptions.Data();
    private static readonly Option<string> DataSet = CommonOptions.DataSet(), Out = CommonOptions.Out("model");
    private static readonly Option<bool> Download = CommonOptions.Download(), Resume = CommonOptions.Resume(), Overwrite = CommonOptions.Overwrite();
    private static readonly Option<ulong> Seed = CommonOptions.Seed();
    private static readonly Option<int> Threads = CommonOptions.Threads();

    private static readonly Option<string> Method = new Option<string>("--method")
    {
        Description = string.Concat(TrainingMethod.All.Select(method => $"{method.Name}: {method.Description}. ")) +
            "hrs: hierarchical random switching, channel by channel; the plain network is trained beside it to compare with.",
        DefaultValueFactory = _ => TrainingMethod.Plain.Name,
    }.AcceptOnlyFromAmong([.. TrainingMethod.All.Select(method => method.Name), TrainingMethod.Switching]);

    private static readonly IReadOnlyList<(MethodOption Option, Option<string?> OnLine)> Numbers =
        [.. MethodOption.All.Select(option =>
            (option, new Option<string?>($"--{option.Name}") { Description = $"{option.Description} Default: that of the method.", HelpName = "number" }))];

    private static readonly Option<string> Network = new("--network")
    {
        Description = $"The network: auto (the HRS paper's for the images), {string.Join(", ", ZooNetwork.All.Select(network => network.Name))}.",
        DefaultValueFactory = _ => "auto",
        HelpName = "name",
    };

    private static readonly Option<string> Channels = new("--channels")
    {
        Description = "For hrs: how many channels each block gets, from the input on; one number for each of 1 to 3 blocks.",
        DefaultValueFactory = _ => "5,5",
        HelpName = "n,n",
    };

    private static readonly Option<int> Epochs = CommonOptions.Whole("--epochs", "Passes over the data, for hrs for every channel (40 in the paper).", 10);
    private static readonly Option<int> Images = CommonOptions.Whole("--images", "Train on the first so many images. 0: all.", 0, least: 0);
    private static readonly Option<int> TestImages = CommonOptions.Whole("--test-images", "Measure on the first so many test images. 0: all.", 0, least: 0);
    private static readonly Option<int> Batch = CommonOptions.Whole("--batch", "Images per step.", 128);
    private static readonly Option<int> Together = CommonOptions.Whole("--together",
        "For hrs: channels of a block trained in one pass over the data; 1 is the paper's independent runs.", 1);

    private static readonly Option<double> Rate =
        CommonOptions.Number("--rate", "The learning rate of SGD with Nesterov's momentum 0.9.", 0.01, "a number above 0", value =>
            value is > 0 and < double.PositiveInfinity);

    private static readonly Option<string> Format = new Option<string>("--format")
    {
        Description = "How the weights are saved: safetensors (which PyTorch reads) or TorchSharp's own format.", DefaultValueFactory = _ => "safetensors",
    }.AcceptOnlyFromAmong("safetensors", "torchsharp");

    internal static Command Create()
    {
        var command = new Command("train", "Train a network of the Zoo, save it, and say what it recognises; for hrs by every path.")
        {
            Method, Network, Channels, Epochs, Images, TestImages, Rate, Batch, Together, Format, Data, DataSet, Download, Seed, Out, Resume, Overwrite,
            Threads,
        };
        foreach (var (_, option) in Numbers) command.Options.Add(option);
        command.SetAction((parsed, cancellation) => CommonOptions.Guard(parsed, cancellation,
            stop =>
            {
                RequireSwitching(parsed);
                return new TrainRun(Settings(parsed), Train(parsed), stop).Execute();
            }));
        return command;
    }

    private static void RequireSwitching(ParseResult parsed)
    {
        if (parsed.GetValue(Method) == TrainingMethod.Switching) return;
        foreach (var option in new Option[] { Channels, Together })
            if (parsed.GetResult(option) is { Implicit: false })
                throw new UserError($"{option.Name} is nothing that --method {parsed.GetValue(Method)} takes; {TrainingMethod.Switching} would.");
    }

    private static RunSettings Settings(ParseResult parsed) => new(
        parsed.GetValue(DataSet)!, parsed.GetValue(Data), parsed.GetValue(Download), "train", parsed.GetValue(Seed), parsed.GetValue(Out)!,
        parsed.GetValue(Resume), parsed.GetValue(Overwrite), [], parsed.GetValue(Threads));

    private static TrainSettings Train(ParseResult parsed) => new()
    {
        Method = parsed.GetValue(Method)!, Network = parsed.GetValue(Network)!, Epochs = parsed.GetValue(Epochs), Images = parsed.GetValue(Images),
        TestImages = parsed.GetValue(TestImages), Rate = parsed.GetValue(Rate),
        Batch = parsed.GetValue(Batch), Together = parsed.GetValue(Together), Format = parsed.GetValue(Format)!,
        Given = Numbers.Where(number => parsed.GetValue(number.OnLine) is not null).ToDictionary(number => number.Option.Name, number =>
            number.Option.Read(parsed.GetValue(number.OnLine)!)),
        Channels = parsed.GetValue(Method) == TrainingMethod.Switching ? Counts(parsed.GetValue(Channels)!) : [],
    };

    /// <summary>"5,5" as numbers.</summary>
    /// <exception cref="UserError">It is something else.</exception>
    internal static int[] Counts(string text)
    {
        var counts = text.Split(',', 'x', '×').Select(part => int.TryParse(part.Trim(), out var count) ? count : 0).ToArray();
        return counts.Length is >= 1 and <= 3 && counts.All(count => count >= 1)
            ? counts
            : throw new UserError($"--channels must be one number, 1 or above, for each of 1 to 3 blocks, such as 5,5; it is '{text}'.");
    }
}
