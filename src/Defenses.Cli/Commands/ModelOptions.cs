using System.CommandLine;
using System.Globalization;
using Defenses.Papers;
using Defenses.Zoo;

namespace Defenses.Cli;

/// <summary>The options of commands that try a model: what it is, and on which images.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _out, _dataSet = CommonOptions.DataSet();
    private readonly Option<ulong> _seed = CommonOptions.Seed();
    private readonly Option<int> _threads = CommonOptions.Threads(), _images;
    private readonly Option<bool> _download = CommonOptions.Download(), _resume = CommonOptions.Resume(), _overwrite = CommonOptions.Overwrite();
    private readonly bool _isResumable, _hasData;

    private readonly Option<string> _model = new("--model")
    {
        Description = "The model: TorchScript (.pt) and ONNX (.onnx) as they are; weights (.safetensors, .pth, TorchSharp's format) with --network.",
        HelpName = "file", Required = true,
    };

    private readonly Option<string?> _network = new("--network")
    {
        Description = $"The network that weights belong to; by default what train.json beside them says. auto: the HRS paper's for the images. Known: auto, "
            + $"{ZooNetwork.Names}.", HelpName = "name",
    };

    private readonly Option<string?> _channels =
        new("--channels") { Description = "For a switching network: channels of each block, such as 5,5; by default what train.json says.", HelpName = "n,n" };

    private readonly Option<string?> _mean = new("--mean")
    {
        Description = "What the network expects its input to be normalized by, in units of pixels from 0 to 1: means, one or one for each channel, such as "
            + "0.1307. Budgets stay in units of pixels.", HelpName = "n,n",
    };

    private readonly Option<string?> _std = new("--std") { Description = "The deviations that belong to --mean.", HelpName = "n,n" };

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The images: a folder with a folder of PNG or JPEG files for each class; a .npy file with its labels; a .safetensors file "
            + "with images and labels; a set (mnist, fashion-mnist, cifar-10, synthetic); or the folder that holds such sets. "
            + "Default: ../shared/data, data, if there is one.",
        HelpName = "path or name",
    };

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "The .npy file with the classes of a .npy file of images. Default: beside images.npy labels.npy, beside x_test.npy y_test.npy.",
        HelpName = "file",
    };

    private readonly Option<string?> _classes = new("--classes")
    {
        Description = "The classes in the order in which the network numbers them: names with commas between them, a file with a name on each line, or their "
            + "number. Default: a folder's folders in the order of their names.", HelpName = "names",
    };

    private readonly Option<string?> _size = new("--size")
    {
        Description = "Pictures of a folder: resize the shorter side to n, or to h x w, as torchvision does: 256 or 28x28.", HelpName = "n",
    };

    private readonly Option<int?> _crop = CommonOptions.Given("--crop", "Pictures of a folder: then cut out the middle, so many pixels wide and high.");

    private readonly Option<bool> _grey = new("--grey") { Description = "Pictures of a folder: one channel in place of red, green, blue." };

    /// <param name="folder">The default folder of --out below runs.</param>
    /// <param name="images">The default number of images.</param>
    /// <param name="isResumable">Whether the command goes on with stopped work.</param>
    /// <param name="hasData">Whether options say which images; else the command brings them.</param>
    internal ModelOptions(string folder, int images, bool isResumable = false, bool hasData = true)
    {
        (_out, _images) = (CommonOptions.Out(folder), CommonOptions.Whole("--images",
            "How many images: the first of a set, of your own data ones from everywhere in it.", images));
        (_isResumable, _hasData) = (isResumable, hasData);
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
        Option[] data = [_images, _data, _labels, _classes, _size, _crop, _grey, _dataSet, _download];
        Option[] resumed = [_resume, _overwrite];
        foreach (var option in (Option[])[_model, _network, _channels, _mean, _std, .. _hasData ? data : [], _seed, _out, _threads,
            .. _isResumable ? resumed : []]) command.Options.Add(option);
        return command;
    }

    internal ModelSettings Read(ParseResult parsed) => new(
        parsed.GetValue(_model)!, parsed.GetValue(_network), parsed.GetValue(_channels) is { } text ? TrainCommand.Counts(text) : null,
        _hasData ? parsed.GetValue(_images) : int.MaxValue,
        new RunSettings(
            _hasData ? parsed.GetValue(_dataSet)! : "auto", _hasData ? parsed.GetValue(_data) : null, _hasData && parsed.GetValue(_download), "quick",
            parsed.GetValue(_seed), parsed.GetValue(_out)!,
            _isResumable && parsed.GetValue(_resume), _isResumable && parsed.GetValue(_overwrite), [], parsed.GetValue(_threads)))
    {
        Data = _hasData ? Data(parsed) : new DataSettings(), Normalization = Normalization.Parse(parsed.GetValue(_mean), parsed.GetValue(_std)),
    };

    private DataSettings Data(ParseResult parsed) => new()
    {
        Labels = parsed.GetValue(_labels), Classes = parsed.GetValue(_classes) is { } classes ? ClassList.Parse(classes) : null, Pictures = Pictures(parsed),
        PictureOptionsGiven = [.. new Option[] { _size, _crop, _grey }.Where(option => parsed.GetResult(option) is { Implicit: false })
            .Select(option => option.Name)],
    };

    private PictureOptions Pictures(ParseResult parsed)
    {
        var pictures = new PictureOptions { Grey = parsed.GetValue(_grey), Crop = parsed.GetValue(_crop) };
        if (parsed.GetValue(_size) is not { } size) return pictures;
        var sides = size.Split('x', '×').Select(side => int.TryParse(side, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .ToArray();
        return sides switch
        {
            [>= 1 and var side] => pictures with { ShortSide = side },
            [>= 1 and var height, >= 1 and var width] => pictures with { Size = (height, width) },
            _ => throw new UserError($"--size must be a number of pixels such as 256, or height x width such as 28x28; it is '{size}'."),
        };
    }
}
