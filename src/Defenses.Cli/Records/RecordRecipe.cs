using System.Globalization;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>How the command line writes into a record what its model is.</summary>
internal static class RecordRecipe
{
    internal const string Weights = "weights.safetensors", Defense = "defense", Color = "color", Channels = "channels", File = "file", Network = "network",
        Mean = "mean", Std = "std", Head = "head", Width = "width", Dropout = "dropout";

    /// <summary>A defense of the library on a network of the run.</summary>
    internal static RebuildRecipe Of(DefenseRecipe recipe, nn.Module<Tensor, Tensor> network, NetworkBuilder builder) =>
        new(new Dictionary<string, string>
        {
            [Defense] = recipe.Name, [Color] = builder.IsColor ? "yes" : "no", [Channels] = Text([builder.Channels]),
            [Width] = Text([builder.Color.Width]), [Dropout] = Text([builder.Color.Dropout]),
        })
        {
            Files = new Dictionary<string, Action<string>> { [Weights] = path => network.SaveWeights(path) },
        };

    /// <summary>A model of a file. Weights of any format are kept as safetensors, which hold numbers only.</summary>
    internal static RebuildRecipe Of(ModelSettings settings, OpenedModel opened, OutputHead head)
    {
        var format = ModelFormats.Of(settings.File);
        var name = format switch { ModelFormat.Onnx => "model.onnx", ModelFormat.TorchScript => "model.pt", _ => Weights };
        Action<string> write = format == ModelFormat.Weights ? path => opened.Network!.SaveWeights(path) : path => System.IO.File.Copy(settings.File, path);
        return new RebuildRecipe(new Dictionary<string, string>(opened.Options)
        {
            [File] = name, [Mean] = Text(settings.Normalization.Mean), [Std] = Text(settings.Normalization.Std), [Head] = $"{head}",
        })
        {
            Files = new Dictionary<string, Action<string>> { [name] = write },
        };
    }

    private static string Text(IReadOnlyList<double> numbers) => string.Join(',', numbers.Select(number => number.ToString("R", CultureInfo.InvariantCulture)));
}
