using System.CommandLine;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>The options of commands that try a saved model.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _data = CommonOptions.Data();
    private readonly Option<string> _dataSet = CommonOptions.DataSet(), _out;
    private readonly Option<ulong> _seed = CommonOptions.Seed();
    private readonly Option<int> _threads = CommonOptions.Threads(), _images;
    private readonly Option<bool> _download = CommonOptions.Download(), _resume = CommonOptions.Resume(), _overwrite = CommonOptions.Overwrite();
    private readonly Option<string> _model = new("--model") { Description = "The file of weights, safetensors or TorchSharp's format.", HelpName = "file",
        Required = true };

    private readonly Option<string?> _network = new("--network")
    {
        Description = $"What the file holds; by default what train.json beside it says. auto: the HRS paper's for the images. Known: auto, "
            + $"{string.Join(", ", ZooNetwork.All.Select(network => network.Name))}.", HelpName = "name",
    };

    private readonly Option<string?> _channels =
        new("--channels") { Description = "For a switching network: channels of each block, such as 5,5; by default what train.json says.", HelpName = "n,n" };

    private readonly bool _resumable;

    internal ModelOptions(string folder, int images, bool resumable = false)
    {
        (_out, _images, _resumable) = (CommonOptions.Out(folder), CommonOptions.Whole("--images", "The first so many test images.", images), resumable);
    }

    /// <summary>The epsilon option, which several commands have.</summary>
    internal static Option<string> Epsilon() => new("--epsilon") { Description = "The budget of each pixel in L∞, in units of its range: 8/255 or 0.03.",
        DefaultValueFactory = _ => "8/255", HelpName = "number" };

    /// <summary>The attack option.</summary>
    internal static Option<string> Attack(string standard) => new("--attack")
    {
        Description = string.Join("; ", NamedAttack.All.Select(attack => $"{attack.Name}: {attack.Description}")) + ".", DefaultValueFactory = _ => standard,
        HelpName = "name",
    };

    internal static Option<int> Steps() => CommonOptions.Whole("--steps", "Steps of an iterated attack.", 40);

    internal static Option<int> EotDraws() => CommonOptions.Whole("--eot", "On a random model: draws behind each gradient. 1: a single draw.", 10);

    internal static Option<int> Draws() => CommonOptions.Whole("--draws", "On a random model: fresh draws of each image to judge by.", 100);

    /// <summary>Adds the options to a command.</summary>
    internal Command With(Command command)
    {
        foreach (var option in new Option[] { _model, _network, _channels, _images, _data, _dataSet, _download, _seed, _out, _threads }) command.Options.Add(
            option);
        if (_resumable) foreach (var option in new[] { _resume, _overwrite }) command.Options.Add(option);
        return command;
    }

    internal ModelSettings Read(ParseResult parsed) => new(
        parsed.GetValue(_model)!, parsed.GetValue(_network), parsed.GetValue(_channels) is { } text ? TrainCommand.Counts(text) : null,
        parsed.GetValue(_images),
        new RunSettings(
            parsed.GetValue(_dataSet)!, parsed.GetValue(_data), parsed.GetValue(_download), "quick", parsed.GetValue(_seed), parsed.GetValue(_out)!,
            _resumable && parsed.GetValue(_resume), _resumable && parsed.GetValue(_overwrite), [], parsed.GetValue(_threads)));
}
