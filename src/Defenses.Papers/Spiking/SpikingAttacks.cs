using Defenses.Attacks;
using Defenses.Models;
using static Defenses.Papers.SpikingResults;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The attacks on the schemes' models, and what those say to the examples, step by step.</summary>
/// <param name="x">Images to attack.</param>
/// <param name="labels">Their classes.</param>
/// <param name="targets">What they shall be taken for.</param>
internal sealed class SpikingAttacks(ProtocolContext context, SpikingSizes sizes, IReadOnlyDictionary<string, SchemeModel[]> models, Tensor x, Tensor labels,
    Tensor targets)
{
    internal const string OneDraw = "one draw", Whole = "the model", Unseen = "without the detectors", Seen = "with the detectors", Around = "OPTMARGIN";

    private const int Block = 100;   // images attacked together: what a stop loses at most
    private readonly Dictionary<string, AttackedImages> _attacked = [];
    private readonly Dictionary<string, JudgeCounts[]> _judged = [];

    /// <summary>C&amp;W on the first model of a scheme, from every view and at every κ; OPTMARGIN, too, where the region decides.</summary>
    internal IEnumerable<WhiteBoxResult> WhiteBox(string scheme)
    {
        var model = models[scheme][0];
        foreach (var (view, look, goal) in Views(model))
            foreach (var margin in sizes.Margins.Single)
                yield return Judged(model, view, margin, Attacked(FormattableString.Invariant($"C&W on {model.Scheme.AttackedAs}, {view}, κ = {margin}"),
                    seed => Search(margin, seed), () => look, goal));
        if (model.Scheme.AsksRegion)
            yield return Judged(model, Around, 0, Attacked($"{Around} on {model.Scheme.AttackedAs}", SearchAround, () => model.Once, Goal.Reach(targets)),
                $"{Around} on {scheme}, judged");
    }

    /// <summary>C&amp;W on several models of a scheme, tried on the validation models of all.</summary>
    internal SchemeTransfer Transfer(string scheme, double margin)
    {
        var what = FormattableString.Invariant($"C&W on all of {sizes.Models.Surrogates} models of {DefenseScheme.Named(scheme).AttackedAs}, κ = {margin}");
        var attacked = Attacked(what, seed => Search(margin, seed) with { Unanimous = true }, () => Together(scheme), Goal.Reach(targets));
        return new SchemeTransfer(scheme, margin, attacked.Distance, attacked.Met, sizes.Schemes.ToDictionary(tested => tested, tested =>
            Judged(what, attacked, tested)));
    }

    /// <summary>OPTMARGIN on several models of a scheme that asks the region, tried on its own validation models.</summary>
    internal SchemeTransfer AroundRegion(string scheme)
    {
        var what = $"{Around} on {sizes.Models.Surrogates} models of {DefenseScheme.Named(scheme).AttackedAs}";
        var attacked = Attacked(what, SearchAround, () => Together(scheme), Goal.Reach(targets));
        return new SchemeTransfer(scheme, 0, attacked.Distance, attacked.Met, new Dictionary<string,
            JudgeCounts[]> { [scheme] = Judged(what, attacked, scheme) });
    }

    private (string Name, ModelView Look, Goal Goal)[] Views(SchemeModel model) => model switch
    {
        { Guard: { } guard } => [(Unseen, model.Once, Goal.Reach(targets)),
            (Seen, model.Once, new EvadeDetectors(Goal.Reach(targets), new DetectorLimit(guard.Detectors, 0)))],
        { Once.IsRandom: true } => [(OneDraw, model.Once, Goal.Reach(targets)), ($"EOT {sizes.EotDraws}", new Eot(model.Once, sizes.EotDraws),
            Goal.Reach(targets))],
        _ => [(Whole, model.Once, Goal.Reach(targets))],
    };

    private Surrogates Together(string scheme) => new([.. models[scheme].Take(sizes.Models.Surrogates).Select(model => model.Once)]);

    // What another scheme's models, which are the same, were attacked with is not made again.
    private AttackedImages Attacked(string what, Func<ulong, Attack> attack, Func<ModelView> view, Goal goal)
    {
        if (_attacked.TryGetValue(what, out var made)) return made;
        return _attacked[what] = AttackedImages.Join(context.Blocks(what, (int)x.shape[0], Block, (part, start, count) =>
        {
            using var scope = NewDisposeScope();
            var rows = arange(start, start + count, dtype: ScalarType.Int64);
            return AttackedImages.Make(attack(context.SeedOf(what + part)), view(), x.index_select(0, rows), goal.Select(rows), context.Cancellation);
        }));
    }

    private WhiteBoxResult Judged(SchemeModel model, string view, double margin, AttackedImages attacked, string? name = null)
    {
        var judged = name ?? FormattableString.Invariant($"C&W on {model.Scheme.Name}, {view}, κ = {margin}, judged");
        return context.Step(judged, () => new WhiteBoxResult(model.Scheme.Name, view, margin, attacked,
            attacked.Judge(model.Deployed, x, labels, targets, model.JudgeDraws, context.SeedOf(judged), context.Cancellation)));
    }

    private JudgeCounts[] Judged(string what, AttackedImages attacked, string tested)
    {
        what = $"{what}, tested on {tested}";
        if (_judged.TryGetValue(what, out var made)) return made;
        return _judged[what] = context.Step(what, () => models[tested].Skip(sizes.Models.Surrogates).Select((model, number) =>
            attacked.Judge(model.Deployed, x, labels, targets, model.JudgeDraws, context.SeedOf($"judge {what} {number}"), context.Cancellation)).ToArray());
    }

    private CarliniWagner Search(double margin, ulong seed) => new()
    {
        Confidence = margin, Steps = sizes.Search.Steps, SearchSteps = sizes.Search.Rounds, LearningRate = sizes.Search.Rate,
        InitialConstant = sizes.Search.Constant, Seed = seed,
    };

    // Directions as long as the points of the region are, whose elements are uniform.
    private OptMargin SearchAround(ulong seed) => new(sizes.Region.Radius / Math.Sqrt(3))
    {
        Directions = sizes.Directions, Steps = sizes.Search.Steps, SearchSteps = Math.Min(4, sizes.Search.Rounds), LearningRate = sizes.Search.Rate,
        Seed = seed,
    };
}
