using System.Globalization;
using System.Text;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>A folder with one file of weights per finished channel, named <c>block_channel</c>, in TorchSharp's own format.</summary>
internal sealed class ChannelFiles(string directory)
{
    internal string Path(int block, int channel) =>
        System.IO.Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{block}_{channel}"));

    internal string Checkpoint(int block, int channel) => Path(block, channel) + ".training";

    internal bool Has(int block, int channel) => File.Exists(Path(block, channel));

    internal void Save(int block, int channel, nn.Module module) => AtomicFile.Write(Path(block, channel), stream =>
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        module.save(writer);
    });

    /// <exception cref="FileNotFoundException">The channel is not finished.</exception>
    /// <exception cref="InvalidDataException">The file does not fit the module.</exception>
    internal void Load(int block, int channel, nn.Module module)
    {
        var path = Path(block, channel);
        if (!File.Exists(path))
            throw new FileNotFoundException($"Channel {channel} of block {block} is not in '{directory}'. Finish the training with Run before loading.", path);
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path), Encoding.UTF8);
            module.load(reader);
        }
        catch (Exception e) when (e is not (IOException and not EndOfStreamException) and not UnauthorizedAccessException)
        {
            throw new InvalidDataException(
                $"'{path}' does not hold the weights of a channel of block {block}: {e.Message} Delete it to train the channel again.", e);
        }
    }

    /// <summary>Reserves the folder for a training with these settings.</summary>
    /// <exception cref="InvalidOperationException">The folder belongs to a training with other settings.</exception>
    internal void Claim(string settings)
    {
        var path = System.IO.Path.Combine(directory, "settings.txt");
        if (File.Exists(path)) TrainingSettings.RequireSame(path, File.ReadAllText(path), settings);
        else if (Has(0, 0))
            throw new InvalidOperationException(
                $"'{directory}' has channels but no settings.txt, so they may come from another training. Give an empty folder.");
        else AtomicFile.Write(path, settings);
    }
}
