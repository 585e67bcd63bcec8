using Defenses.Models;
using Defenses.Onnx;
using Defenses.Papers;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A model as its file holds it: a network, or a black box that gives scores.</summary>
internal sealed class OpenedModel : IDisposable
{
    private readonly IReadOnlyList<IDisposable> _owned;

    private OpenedModel(string name, nn.Module<Tensor, Tensor>? network, ModelView? oracle, params IReadOnlyList<IDisposable> owned) =>
        (Name, Network, Oracle, _owned) = (name, network, oracle, owned);

    /// <summary>What it is: "hrs-mnist 5×5", "TorchScript cat.pt".</summary>
    internal string Name { get; }

    /// <summary>The network; null for a black box.</summary>
    internal nn.Module<Tensor, Tensor>? Network { get; }

    /// <summary>The black box; null for a network.</summary>
    internal ModelView? Oracle { get; }

    /// <summary>What else must be known to open the file again, by the names of options.</summary>
    internal IReadOnlyDictionary<string, string> Options { get; private init; } = new Dictionary<string, string>();

    /// <summary>Opens the file.</summary>
    /// <param name="described">What train.json beside it says; null without one.</param>
    /// <param name="shape">The shape of an image.</param>
    /// <exception cref="UserError">It is not said what the file holds, or options say something else.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds another network.</exception>
    internal static OpenedModel Open(ModelSettings settings, TrainedModel? described, IReadOnlyList<long> shape)
    {
        var format = ModelFormats.Of(settings.File);
        if (format != ModelFormat.Weights && (settings.Network ?? settings.Channels as object) is not null)
            throw new UserError($"{(settings.Network is null ? "--channels" : "--network")} is for weights; {settings.File} holds its network "
                + "itself: leave it out.");
        return format switch
        {
            ModelFormat.Onnx => Onnx(settings, shape),
            ModelFormat.TorchScript => Script(settings.File),
            _ => Weights(settings, described, shape),
        };
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private static OpenedModel Onnx(ModelSettings settings, IReadOnlyList<long> shape)
    {
        var model = OnnxModel.Open(settings.File, Bounds.Unit, new OnnxOptions
        {
            Preprocessing = settings.Normalization.For(shape), Threads = settings.Run.Threads > 0 ? settings.Run.Threads : null,
        });
        return new OpenedModel($"ONNX {Path.GetFileName(settings.File)}", null, model.Scores, model);
    }

    private static OpenedModel Script(string file)
    {
        jit.ScriptModule<Tensor, Tensor> script;
        try
        {
            script = jit.load<Tensor, Tensor>(file);
        }
        catch (System.Runtime.InteropServices.ExternalException error)
        {
            throw new InvalidDataException($"'{file}' must be a TorchScript network, but torch cannot load it: {TorchMessage.Of(error)}", error);
        }
        var network = new ScriptNetwork(script);
        network.eval();
        return new OpenedModel($"TorchScript {Path.GetFileName(file)}", network, null, network, script);
    }

    private static OpenedModel Weights(ModelSettings settings, TrainedModel? described, IReadOnlyList<long> shape)
    {
        var zoo = ZooNetwork.Find(settings.Network ?? described?.Network
            ?? throw new UserError($"{settings.Option} {settings.File} holds weights, and there is no {ModelFile.Description} beside it, so say with --network "
            + $"what they belong to: auto (the HRS paper's network for the images), {ZooNetwork.Names}."), shape);
        var channels = settings.Channels ?? (settings.Network is null ? described?.Channels.ToArray() : null) ?? [];
        var network = channels.Length > 0 ? ModelFile.Switching(shape[0] == 3, channels, settings.Run.Seed) : zoo.Make(settings.Run.Seed);
        try
        {
            ModelFile.Load(network, settings.File);
            network.eval();
            network.Reseed(settings.Run.Seed);
        }
        catch (Exception error)
        {
            network.Dispose();
            if (error is InvalidDataException && settings.Network is { } asked)
                throw PathOption.Bad("--network", asked, $"the file of {settings.Option} is damaged, or not of this network: {error.Message}");
            throw;
        }
        return new OpenedModel(channels.Length > 0 ? $"{zoo.Name} {string.Join("×", channels)}" : zoo.Name, network, null, network)
        {
            Options = new Dictionary<string, string> { ["network"] = zoo.Name, ["channels"] = string.Join(',', channels) },
        };
    }
}
