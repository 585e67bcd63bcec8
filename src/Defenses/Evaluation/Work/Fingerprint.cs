using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Defenses.Certification;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>
/// The data that must be equal to continue finished work: all settings, all images, labels and class names, the weights and layers of each defense,
/// and its outputs for the first images under a fixed seed.
/// </summary>
internal sealed record Fingerprint(ReportSettings Settings, IReadOnlyList<string> Defenses, IReadOnlyList<double[]> Answers)
{
    /// <summary>A digest of the images of each block.</summary>
    public IReadOnlyList<double[]> Images { get; init; } = [];

    /// <summary>A hash of the labels of each block.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    public IReadOnlyList<string> ClassNames { get; init; } = [];

    /// <summary>A digest of each tensor of each defense's state, by its key.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, double[]>> Weights { get; init; } = [];

    internal const string FileName = "evaluation";

    private const double LeastLogit = -80, MostLogit = 1e30;   // a mean probability that rounds to 0 has no finite logarithm, and JSON no infinity

    internal static Fingerprint Of(EvaluationPlan plan, ReportSettings settings)
    {
        using var scope = NewDisposeScope();
        var (x, _) = plan.Examples.Read(0, Math.Min(Judge.BlockSize, plan.Block(0).Count));
        var defenses = plan.Evaluation.Defenses;
        var data = Data(plan).ToArray();
        return new Fingerprint(
            // Only a known draw changes the work.
            settings with
            {
                Command = null, Threat = settings.Attacker.KnowsDraw ? new ThreatModel { KnowsDraw = true } : null,
                Attacks = [.. settings.Attacks.Select(attack => attack.Named)],
            },
            [.. defenses.Select(defense => $"{defense.Name}: {string.Join(", ", Layers(defense))}{Certified(defense)}{Version(defense)}")],
            [.. defenses.Select((_, index) => Answer(plan, index, x))])
        {
            Images = [.. data.Select(block => block.Images)],
            Labels = [.. data.Select(block => block.Labels)],
            ClassNames = [.. plan.Examples.ClassNames ?? []],
            Weights = [.. defenses.Select(WeightsOf)],
        };
    }

    // Covers all images, also those of other shards: the whole evaluation must be the same.
    private static IEnumerable<(double[] Images, string Labels)> Data(EvaluationPlan plan)
    {
        for (long block = 0; plan.Block(block) is { Count: > 0 } part; block++) yield return Data(plan, part.First, part.Count);
    }

    private static (double[] Images, string Labels) Data(EvaluationPlan plan, long first, long count)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = plan.Examples.Read(first, count);
        var hash = labels.to_type(ScalarType.Int64).cpu().data<long>().ToArray().Aggregate(0UL, (sum, label) => Seeds.Combine(sum, label));
        return (TensorDigest.Of(images), $"{hash:x}");
    }

    internal static IEnumerable<string> Layers(DefenseEntry defense) =>
        from part in Parts(defense)
        from found in part.Network.StochasticLayers()
        let path = part.Prefix + found.Path
        select path.Length > 0 ? $"{path}: {found.Layer.GetType().Name}" : found.Layer.GetType().Name;

    // A black box shows no weights: its version and its answers stand for them.
    private static IReadOnlyDictionary<string, double[]> WeightsOf(DefenseEntry defense) => (
        from part in Parts(defense)
        from entry in part.Network.state_dict()
        select (Key: part.Prefix + entry.Key, entry.Value)).ToDictionary(entry => entry.Key, entry => TensorDigest.Of(entry.Value));

    private static IEnumerable<(string Prefix, nn.Module Network)> Parts(DefenseEntry defense) =>
        defense.Model.Networks.Distinct<nn.Module>(ReferenceEqualityComparer.Instance)
            .Select((network, number) => (number > 0 ? $"{number + 1}/" : "", network));

    private static string Version(DefenseEntry defense) => defense.Version is { } version ? $", version {version}" : "";

    // Certificates are included as a hash of all their numbers.
    private static string Certified(DefenseEntry defense) => defense.Smoothing is not { } smoothing ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $", smoothed by {smoothing.Std:R}, certificates {(defense.Certificates ?? []).Select(Text).Aggregate(0UL, Seeds.Combine):x}");

    private static string Text(Certificate each) => string.Create(CultureInfo.InvariantCulture, $"{each.Index} {each.Class} {each.Radius:R}");

    /// <summary>Throws unless the work in the folder was started with this fingerprint.</summary>
    /// <exception cref="InvalidOperationException">It was started with another one; the message lists the differences.</exception>
    internal void RequireSame(Fingerprint begun, string folder)
    {
        var differences = Differences(begun).ToArray();
        if (differences.Length > 0)
            throw new InvalidOperationException(
                $"'{folder}' holds an evaluation that was started differently: {string.Join("; ", differences)}. " +
                "Continue with the original settings and models, or choose another folder.");
    }

    private IEnumerable<string> Differences(Fingerprint begun)
    {
        var (now, then) = (Node(Settings), Node(begun.Settings));
        foreach (var name in now.Select(property => property.Key).Union(then.Select(property => property.Key)))
            if (!JsonNode.DeepEquals(now[name], then[name])) yield return $"{name} was {Text(then[name])} and is {Text(now[name])}";
        if (!Defenses.SequenceEqual(begun.Defenses))
        {
            yield return $"the defenses were ({string.Join("; ", begun.Defenses)}) and are ({string.Join("; ", Defenses)})";
            yield break;
        }
        foreach (var difference in DataDifferences(begun).Concat(WeightDifferences(begun))) yield return difference;
        for (var i = 0; i < Answers.Count; i++)
            if (i >= begun.Answers.Count || !Near(Answers[i], begun.Answers[i]))
                yield return $"'{Defenses[i]}' gives different outputs for the first images (another model or other weights, other images, or, for views " +
                    "of fixed draws, another seed: call Reseed(seed) on the network before the evaluation)";
    }

    private IEnumerable<string> DataDifferences(Fingerprint begun)
    {
        var changed = Enumerable.Range(0, Images.Count).Where(block => !TensorDigest.Same(Images[block], begun.Images.ElementAtOrDefault(block))).ToArray();
        if (changed.Length > 0) yield return $"other images {Where(changed)}";
        var changedLabels = Enumerable.Range(0, Labels.Count).Where(block => Labels[block] != begun.Labels.ElementAtOrDefault(block)).ToArray();
        if (changedLabels.Length > 0) yield return $"other labels {Where(changedLabels)}";
        if (!ClassNames.SequenceEqual(begun.ClassNames))
            yield return $"the class names were ({string.Join(", ", begun.ClassNames)}) and are ({string.Join(", ", ClassNames)})";
    }

    // "from image 20 on": the first image of the first changed block, and the number of changed blocks.
    private string Where(int[] blocks) =>
        $"(from image {blocks[0] * Settings.BlockSize} on{(blocks.Length > 1 ? $", in {blocks.Length} blocks of {Settings.BlockSize}" : "")})";

    private IEnumerable<string> WeightDifferences(Fingerprint begun)
    {
        for (var i = 0; i < Weights.Count; i++)
        {
            var then = begun.Weights.ElementAtOrDefault(i);
            var keys = Weights[i].Keys.Union(then?.Keys ?? []).Where(key => !TensorDigest.Same(Weights[i].GetValueOrDefault(key), then?.GetValueOrDefault(key)))
                .ToArray();
            if (keys.Length > 0)
                yield return $"'{Defenses[i]}' has other weights ({string.Join(", ", keys.Take(3))}{(keys.Length > 3 ? $" and {keys.Length - 3} more" : "")})";
        }
    }

    // Within a tolerance: another machine may continue the work or add a part.
    private static bool Near(double[] now, double[] then) =>
        now.Length == then.Length && now.Zip(then, (a, b) => Math.Abs(a - b) <= 2e-3 * (1 + Math.Abs(b))).All(same => same);

    private static double[] Answer(EvaluationPlan plan, int defense, Tensor x)
    {
        using var scope = NewDisposeScope();
        var model = plan.Evaluation.Defenses[defense].Model;
        if (model.IsRandom && model is not Classifier && !model.Networks.Any(network => network.IsRandom())) return [];   // its draws cannot be repeated
        using var streams = model.LendStreams(plan.SeedOf("fingerprint", defense));
        var answers = new List<Tensor> { model.ComputeLogits(x).nan_to_num(0, MostLogit, -MostLogit) };
        // Deterministic views: their outputs depend on the network's own numbered draws, unless they use no draw or all draws.
        var views = plan.Evaluation.Attacks.Select(attack => attack.View).Distinct().Where(view => model.IsRandom && !view.IsPlainOn(model));
        foreach (var view in views.Select(view => view.Of(model)).Where(view => !view.IsRandom && view is not (WithoutRandomness or AllPaths)))
            answers.Add(view.ComputeLogits(x).clamp_min(LeastLogit));
        return [.. answers.SelectMany(answer => answer.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray())];
    }

    private static JsonObject Node(ReportSettings settings) => JsonSerializer.SerializeToNode(settings, JsonSerializerOptions.Web)!.AsObject();

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "not set";
}
