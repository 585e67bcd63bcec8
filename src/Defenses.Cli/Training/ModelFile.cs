using System.Text;
using System.Text.Json;
using Defenses.Evaluation.Reporting;
using Defenses.Papers;
using Defenses.Switching;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Networks in files: safetensors (PyTorch's layout) or TorchSharp's own format, and train.json beside them.</summary>
internal static class ModelFile
{
    internal const string Description = "train.json";

    internal static string Name(string format) => format == "safetensors" ? "model.safetensors" : "model.dat";

    /// <summary>Writes the weights, whole or not at all.</summary>
    internal static void Save(nn.Module network, string path)
    {
        if (path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            network.SaveWeights(path);
            return;
        }
        AtomicFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            network.save(writer);
        });
    }

    /// <summary>Reads the weights of either format into a network of the right architecture; the file's beginning tells which it is.</summary>
    /// <exception cref="InvalidDataException">The file is damaged or does not fit the network.</exception>
    internal static void Load(nn.Module network, string path)
    {
        if (!File.Exists(path)) throw new UserError($"The model file {path} is not there. Train one with 'train', or give another.");
        if (IsSafetensors(path) || IsPickle(path)) network.LoadWeights(path);
        else LoadOwnFormat(network, path);
        RequireNumbers(network, path);
    }

    private static void LoadOwnFormat(nn.Module network, string path)
    {
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
            network.load(reader);
        }
        catch (Exception error) when (error is not (IOException and not EndOfStreamException) and not UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"{path} is no file of this network's weights, in safetensors, PyTorch's or TorchSharp's format: {error.Message} Give the file of "
                + "this network, or its --network and --channels.", error);
        }
    }

    private static void RequireNumbers(nn.Module network, string path)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        foreach (var (name, value) in network.state_dict())
            if (value.is_floating_point() && !value.isfinite().all().ToBoolean())
                throw new InvalidDataException(
                    $"{path} holds numbers in '{name}' that are NaN or infinite: its network can answer nothing. Train it anew, perhaps with a lower "
                    + "--rate, or give another file.");
    }

    /// <summary>A switching network of a data set's shape with the channels given, its weights yet to be read.</summary>
    internal static SwitchingNetwork Switching(bool isColor, IReadOnlyList<int> channels, ulong seed, SwitchPer per = SwitchPer.Sample) =>
        Switching(Blocks(isColor, channels.Count), channels, seed, per);

    /// <summary>The same of other blocks.</summary>
    internal static SwitchingNetwork Switching(
        IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> blocks, IReadOnlyList<int> channels, ulong seed, SwitchPer per) =>
        new([.. channels.Select((count, block) => new SwitchingBlock([.. Enumerable.Range(0, count).Select(_ => blocks[block](seed))], per))]);

    internal static IReadOnlyList<Func<ulong, nn.Module<Tensor, Tensor>>> Blocks(bool isColor, int blocks) =>
        isColor ? HrsBlocks.Cifar10(blocks) : HrsBlocks.Mnist(blocks);

    internal static void Describe(TrainedModel model, string folder) => AtomicFile.Write(Path.Combine(folder, Description), Json.Text(model));

    /// <summary>The description beside a model file; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is of another version, or torn.</exception>
    internal static TrainedModel? Described(string modelFile)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(modelFile))!, Description);
        if (!File.Exists(path)) return null;
        try
        {
            var text = File.ReadAllText(path);
            if (VersionedJson.SchemaOf(text) is { } schema && schema != TrainedModel.CurrentSchema)
                throw new InvalidDataException(
                    $"{path} has schema '{schema}'; this version reads '{TrainedModel.CurrentSchema}'. Train anew, or use the version that wrote it.");
            var model = JsonSerializer.Deserialize<TrainedModel>(text, Json.Readable)!;
            return model.Channels.Count <= 3 && model.Channels.All(count => count >= 1) ? model
                : throw new JsonException($"its channels must be one number, 1 or above, for each of at most 3 blocks; they are "
                    + $"'{string.Join(",", model.Channels)}'.");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{path} does not describe a model: {error.Message} Delete it, and say with --network and --channels what the file holds.", error);
        }
    }

    // A file of torch.save is an archive, or before PyTorch 1.6 a bare pickle.
    private static bool IsPickle(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[3];
        return file.ReadAtLeast(start, 3, throwOnEndOfStream: false) == 3 && (start.AsSpan().StartsWith("PK"u8) || start is [0x80, 0x02, 0x8A]);
    }

    // A safetensors file begins with the length of its header, eight bytes, and the header's brace.
    private static bool IsSafetensors(string path)
    {
        using var file = File.OpenRead(path);
        var start = new byte[9];
        return file.ReadAtLeast(start, 9, throwOnEndOfStream: false) == 9 && start[8] == '{' && start[7] == 0 && start[6] == 0;
    }
}
