using System.Security.Cryptography;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A model read from its file, with the data to try it on: the one place that resolves the options of both, for every command.</summary>
internal sealed class LoadedModel : IDisposable
{
    private readonly ModelSettings _settings;
    private readonly TrainedModel? _described;
    private readonly OpenedModel _opened;
    private readonly List<OpenedModel> _again = [];
    private readonly OutputHead _head;

    private LoadedModel(ModelSettings settings, TrainedModel? described, TestData data)
    {
        (_settings, _described, Data) = (settings, described, data);
        _opened = Open();
        try
        {
            _head = ModelProbe.Head(settings, _opened, data, Preprocessing);
            ModelProbe.RequireClasses(settings, View, data);
            LowAccuracy = Cli.LowAccuracy.Look(this, settings);
            if (_opened.Network is { } network) network.Reseed(settings.Run.Seed);   // as if nothing had been asked
        }
        catch
        {
            _opened.Dispose();
            throw;
        }
    }

    internal TestData Data { get; }

    /// <summary>What the model is: "hrs-mnist 5×5".</summary>
    internal string Name => _opened.Name;

    /// <summary>The file of the model.</summary>
    internal string File => _settings.File;

    /// <summary>Whether the model is a network, which has gradients.</summary>
    internal bool HasNetwork => _opened.Network is not null;

    /// <summary>Why the model recognizes so few images; null where it recognizes enough.</summary>
    internal Finding? LowAccuracy { get; }

    /// <summary>The model as it would be deployed.</summary>
    internal ModelView View => _opened.Oracle ?? Classifier;

    /// <summary>The network.</summary>
    /// <exception cref="UserError">The model is a black box.</exception>
    internal nn.Module<Tensor, Tensor> Network => _opened.Network ?? throw NoNetwork();

    /// <summary>The white box.</summary>
    /// <exception cref="UserError">The model is a black box.</exception>
    internal Classifier Classifier => Wrap(Network);

    /// <summary>What stands before the network; null for nothing.</summary>
    internal Func<Tensor, Tensor>? Preprocessing => _settings.Normalization.For(Data.ImageShape);

    /// <summary>How a record makes the model again.</summary>
    internal RebuildRecipe Recipe() => RecordRecipe.Of(_settings, _opened, _head);

    /// <summary>A classifier of another network in this one's place.</summary>
    internal Classifier Wrap(nn.Module<Tensor, Tensor> network) => new(network, Bounds.Unit, Preprocessing) { Head = _head };

    /// <summary>The network once more, as the file holds it; lives as long as this.</summary>
    internal nn.Module<Tensor, Tensor> ReadAgain()
    {
        _again.Add(Open());
        return _again[^1].Network ?? throw NoNetwork();
    }

    /// <summary>The SHA-256 of the weights; of a black box that of its file.</summary>
    internal string WeightsHash() => _opened.Network?.HashWeights() ?? FileHash();

    /// <summary>The SHA-256 of the file.</summary>
    internal string FileHash()
    {
        using var stream = System.IO.File.OpenRead(File);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Reads data and model; what train.json beside the file does not tell must be given.</summary>
    /// <exception cref="UserError">A file is missing or damaged, or it is not said what it holds.</exception>
    internal static async Task<LoadedModel> Read(ModelSettings settings, CancellationToken cancellation)
    {
        var described = Described(settings);
        var data = await TestDataReader.Read(settings, described?.DataSet, cancellation);
        return Read(settings, described, data);
    }

    /// <summary>Reads a model for data that are there; they are disposed with it.</summary>
    internal static LoadedModel Read(ModelSettings settings, TestData data) => Read(settings, Described(settings), data);

    private static LoadedModel Read(ModelSettings settings, TrainedModel? described, TestData data)
    {
        try
        {
            var loaded = PathOption.Read(settings.Option, settings.File, () => new LoadedModel(settings, described, data));
            AtomicFile.RequireWritable(settings.Run.Out, "--out");   // before any work is done for it
            return loaded;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static TrainedModel? Described(ModelSettings settings)
    {
        PathOption.RequireFile(settings.Option, settings.File, "Train one with 'defenses train', or give another.");
        set_num_threads(settings.Run.Threads > 0 ? settings.Run.Threads : Environment.ProcessorCount);
        return PathOption.Read(settings.Option, settings.File, () => ModelFile.Described(settings.File));
    }

    private OpenedModel Open() => OpenedModel.Open(_settings, _described, Data.ImageShape);

    private UserError NoNetwork() => new($"{_settings.Option} {File} is a black box without gradients and layers, which this needs. Give the network "
        + "itself, as TorchScript or weights.");

    public void Dispose()
    {
        foreach (var again in _again) again.Dispose();
        _opened.Dispose();
        Data.Dispose();
    }
}
