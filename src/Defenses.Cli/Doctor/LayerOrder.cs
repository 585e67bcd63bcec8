using System.Globalization;
using System.Text.RegularExpressions;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>A layer to put into a network, as it is ordered on the command line: "gaussian-noise(0.1) before every conv".</summary>
internal sealed partial class LayerOrder
{
    private static readonly Dictionary<string, (string What, double? Usual, Func<double, nn.Module<Tensor, Tensor>> Make)> s_known = new()
    {
        ["gaussian-noise"] = ("deviation", null, std => new GaussianNoise(std)),
        ["dropout"] = ("rate", null, rate => new DefensiveDropout(rate)),
        ["sap"] = ("fraction", 1, fraction => new StochasticActivationPruning(fraction)),
        ["mvm"] = ("draws per row", 1, draws => new MvmSampling(draws)),
        ["random-spiking"] = ("keep probability", 0.8, keep => new RandomSpiking(keep) { Range = NoiseRange.Sample }),
        ["jump-relu"] = ("threshold", null, kappa => new JumpReLU(kappa)),
        ["randomized-jump-relu"] = ("highest threshold", null, high => new RandomizedJumpReLU(high)),
        ["bounded-relu"] = ("largest value", null, max => new BoundedReLU(max)),
        ["jpeg"] = ("quality", 75, quality => new JpegCompression((int)quality)),
        ["bit-depth"] = ("bits", null, bits => new BitDepthReduction((int)bits)),
        ["median"] = ("size", 3, size => new MedianSmoothing((int)size)),
    };

    private readonly string _text, _where, _place;
    private readonly Func<nn.Module<Tensor, Tensor>> _make;

    private LayerOrder(string text, string where, string place, Func<nn.Module<Tensor, Tensor>> make) => (_text, _where, _place, _make) = (text, where, place,
        make);

    internal static string Known =>
        string.Join(", ", s_known.Select(layer =>
        $"{layer.Key}({layer.Value.What}{(layer.Value.Usual is { } usual ? FormattableString.Invariant($", usually {usual}") : "")})"));

    /// <exception cref="UserError">The text is no order, or its layer is not known or refuses its number.</exception>
    internal static LayerOrder Parse(string text)
    {
        var match = Order().Match(text.Trim());
        if (!match.Success)
            throw new UserError($"--layer '{text}' is not understood. Write such as \"gaussian-noise(0.1) before every conv\", \"sap after relu5\" or "
                + "\"jump-relu(0.2) instead of every relu\".");
        if (!s_known.TryGetValue(match.Groups["name"].Value, out var layer)) throw new UserError(
            $"--layer '{text}': {match.Groups["name"].Value} is not known. Known: {Known}.");
        var number = match.Groups["number"].Success ? double.Parse(match.Groups["number"].Value, NumberStyles.Float, CultureInfo.InvariantCulture)
            : layer.Usual;
        if (number is not { } value) throw new UserError($"--layer '{text}': {match.Groups["name"].Value} needs its {layer.What}, in brackets.");
        try
        {
            layer.Make(value).Dispose();
        }
        catch (ArgumentException error)
        {
            throw new UserError($"--layer '{text}': {error.Message}");
        }
        return new LayerOrder(text, match.Groups["where"].Value, match.Groups["place"].Value, () => layer.Make(value));
    }

    /// <summary>Puts the layer in, and proves on the probe that it runs.</summary>
    /// <exception cref="UserError">There is no such place, or the layer does not fit there.</exception>
    internal RetrofitReport Put(nn.Module<Tensor, Tensor> network, Tensor probe)
    {
        RequirePlace(network);
        nn.Module<Tensor, Tensor>? Make(string path) => _place.StartsWith("every ", StringComparison.Ordinal) || path == _place ? _make() : null;
        try
        {
            return (_where, _place) switch
            {
                ("instead of", _) => network.ReplaceReLU(Make, probe),
                ("before", "every conv") => network.InsertBefore<Conv2d>(Make, probe),
                ("before", "every relu") => network.InsertBefore<ReLU>(Make, probe),
                ("before", _) => network.InsertBefore<nn.Module<Tensor, Tensor>>(Make, probe),
                ("after", "every conv") => network.InsertAfter<Conv2d>(Make, probe),
                ("after", "every relu") => network.InsertAfter<ReLU>(Make, probe),
                _ => network.InsertAfter<nn.Module<Tensor, Tensor>>(Make, probe),
            };
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or System.Runtime.InteropServices.ExternalException)
        {
            throw new UserError($"--layer '{_text}': {error.Message.Split('\n')[0]} " +
                $"The network has: {string.Join(", ", network.named_modules().Select(found => found.name))}.");
        }
    }

    // A layer that has no place is told by the network's names; what the library says of it names none.
    private void RequirePlace(nn.Module<Tensor, Tensor> network)
    {
        if (network is ScriptNetwork)
            throw new UserError($"--layer '{_text}': what is inside a TorchScript file is compiled, so that no layer can be put in. Give the weights "
                + "with --network.");
        var (all, isReLU) = (network.named_modules().ToArray(), _where == "instead of" || _place == "every relu");
        var fitting = all.Where(found => _place == "every conv" ? found.module is Conv2d : !isReLU || found.module is ReLU)
            .Select(found => found.name).ToArray();
        var kind = _place == "every conv" ? "convolution" : "ReLU";
        if (_place.StartsWith("every ", StringComparison.Ordinal) ? fitting.Length > 0 : fitting.Contains(_place)) return;
        throw new UserError(_place.StartsWith("every ", StringComparison.Ordinal)
            ? $"--layer '{_text}': the network has no {kind}. It has: {string.Join(", ", all.Select(found => found.name))}."
            : all.Any(found => found.name == _place) ? $"--layer '{_text}': '{_place}' is no {kind}. {kind}s are: {string.Join(", ", fitting)}."
            : $"--layer '{_text}': the network has no '{_place}'. It has: {string.Join(", ", fitting)}.");
    }

    [GeneratedRegex(@"^(?<name>[a-z-]+)\s*(?:\(\s*(?<number>[0-9.eE+-]+)\s*\))?\s+(?<where>before|after|instead of)\s+(?<place>every (?:conv|relu)|\S+)$")]
    private static partial Regex Order();
}
