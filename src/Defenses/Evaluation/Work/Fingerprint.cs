using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>
/// What must be the same for finished work to be continued: all settings, and what each defense answers to the first images under a fixed seed,
/// which tells weights, layers and images.
/// </summary>
internal sealed record Fingerprint(ReportSettings Settings, IReadOnlyList<string> Defenses, IReadOnlyList<double[]> Answers)
{
    internal const string FileName = "evaluation";

    private const double LeastLogit = -80;   // a mean probability that rounds to nothing has no finite logarithm

    internal static Fingerprint Of(Plan plan, ReportSettings settings)
    {
        using var scope = NewDisposeScope();
        var (x, _) = plan.Examples.Read(0, Math.Min(Judge.BlockSize, plan.Block(0).Count));
        var defenses = plan.Evaluation.Defenses;
        return new Fingerprint(
            settings with { Command = null, Attacks = [.. settings.Attacks.Select(attack => attack.Named)] }, [.. defenses.Select(defense => $"{defense.Name}: {string.Join(", ", Layers(defense))}{Certified(defense)}")],
            [.. defenses.Select((_, index) => Answer(plan, index, x))]);
    }

    internal static IEnumerable<string> Layers(DefenseEntry defense) =>
        defense.Model.Network.StochasticLayers().Select(found => found.Path.Length > 0 ? $"{found.Path}: {found.Layer.GetType().Name}" : found.Layer.GetType().Name);

    // Certificates by a hash of all their numbers.
    private static string Certified(DefenseEntry defense) => defense.Smoothing is not { } smoothing ? ""
        : string.Create(CultureInfo.InvariantCulture, $", smoothed by {smoothing.Std:R}, certificates {(defense.Certificates ?? []).Aggregate(0UL, (hash, each) => Seeds.Combine(hash, FormattableString.Invariant($"{each.Index} {each.Class} {each.Radius:R}"))):x}");

    /// <summary>Throws unless the work in the folder was begun with this fingerprint.</summary>
    /// <exception cref="InvalidOperationException">It was begun with another one; the message says what differs.</exception>
    internal void RequireSame(Fingerprint begun, string folder)
    {
        var differences = Differences(begun).ToArray();
        if (differences.Length > 0)
            throw new InvalidOperationException(
                $"'{folder}' holds an evaluation that was begun differently: {string.Join("; ", differences)}. " +
                "Continue with the settings and models it was begun with, or choose another folder.");
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
        for (var i = 0; i < Answers.Count; i++)
            if (i >= begun.Answers.Count || !Near(Answers[i], begun.Answers[i]))
                yield return $"'{Defenses[i]}' answers the first images differently (other weights, other images, or, for views of fixed draws, another " +
                    "seed: call Reseed(seed) on the network before the evaluation)";
    }

    // Not bit by bit: another machine may continue or add a part.
    private static bool Near(double[] now, double[] then) =>
        now.Length == then.Length && now.Zip(then, (a, b) => Math.Abs(a - b) <= 2e-3 * (1 + Math.Abs(b))).All(same => same);

    private static double[] Answer(Plan plan, int defense, Tensor x)
    {
        using var scope = NewDisposeScope();
        var model = plan.Evaluation.Defenses[defense].Model;
        using var streams = model.LendStreams(plan.SeedOf("fingerprint", defense));
        var answers = new List<Tensor> { model.ComputeLogits(x) };
        // Views of draws that stand still: what they see hangs on the network's own numbered draws, unless they see no draw at all or every one.
        var views = plan.Evaluation.Attacks.Select(attack => attack.View).Distinct().Where(view => model.IsRandom && !view.IsPlainOn(model));
        foreach (var view in views.Select(view => view.Of(model)).Where(view => !view.IsRandom && view is not (WithoutRandomness or AllPaths)))
            answers.Add(view.ComputeLogits(x).clamp_min(LeastLogit));
        return [.. answers.SelectMany(answer => answer.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray())];
    }

    private static JsonObject Node(ReportSettings settings) => JsonSerializer.SerializeToNode(settings, JsonSerializerOptions.Web)!.AsObject();

    private static string Text(JsonNode? node) => node?.ToJsonString() ?? "not set";
}
