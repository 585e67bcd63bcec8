using Defenses.Models;
using Defenses.Papers;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A model read from its file, with the data to try it on.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly Func<nn.Module<Tensor, Tensor>> _read;

    private LoadedModel(RunData data, Func<nn.Module<Tensor, Tensor>> read, string name, string file) =>
        (Data, _read, Network, Name, File) = (data, read, read(), name, file);

    internal RunData Data { get; }

    internal nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>The file of weights.</summary>
    internal string File { get; }

    /// <summary>What it is: "hrs-mnist 5×5".</summary>
    internal string Name { get; }

    /// <summary>The model as it would be deployed.</summary>
    internal Classifier Classifier => new(Network, Bounds.Unit);

    /// <summary>The network once more, as the file holds it; the caller disposes it.</summary>
    internal nn.Module<Tensor, Tensor> ReadAgain() => _read();

    /// <summary>Reads data and weights; what train.json beside the file does not tell must be given.</summary>
    /// <exception cref="UserError">A file is missing, or it is not said what the file holds.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds another network.</exception>
    internal static async Task<LoadedModel> Read(ModelSettings settings, CancellationToken cancellation)
    {
        if (!System.IO.File.Exists(settings.File))
            throw new UserError($"--model: there is no file {settings.File}. Train one with 'defenses train', or give another.");
        var described = ModelFile.Described(settings.File);
        var run = settings.Run.DataSet == "auto" && described is not null ? settings.Run with { DataSet = described.DataSet } : settings.Run;
        set_num_threads(run.Threads > 0 ? run.Threads : Environment.ProcessorCount);
        var data = await RunData.Load(run, 1, settings.Images, "mnist", cancellation);
        try
        {
            var zoo = ZooNetwork.Find(settings.Network ?? described?.Network
                ?? throw new UserError($"There is no {ModelFile.Description} beside {settings.File}, so say with --network what it holds (auto: the HRS "
                + "paper's network for the images)."), data.Test.ImageShape);
            var channels = settings.Channels ?? (settings.Network is null ? described?.Channels.ToArray() : null) ?? [];
            var loaded = new LoadedModel(data, () => Filled(channels.Length > 0 ? ModelFile.Switching(data.IsColor, channels, run.Seed)
                : zoo.Make(run.Seed), settings.File, run.Seed), channels.Length > 0 ? $"{zoo.Name} {string.Join("×", channels)}" : zoo.Name, settings.File);
            AtomicFile.RequireWritable(run.Out, "--out");   // before any work is done for it
            return loaded;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static nn.Module<Tensor, Tensor> Filled(nn.Module<Tensor, Tensor> made, string file, ulong seed)
    {
        try
        {
            ModelFile.Load(made, file);
            made.eval();
            made.Reseed(seed);
            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Network.Dispose();
        Data.Dispose();
    }
}
