using Defenses.Attacks;
using Defenses.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The measurements: every attack, in every norm, on every model, each with every number of steps.</summary>
/// <param name="steps">The steps that are done once.</param>
/// <param name="effort">How much is done.</param>
/// <param name="images">Images from a number on, so many, with their labels; the caller disposes them.</param>
public sealed class OptimalityMeasurement(ProtocolSteps steps, OptimalityEffort effort, Func<long, long, (Tensor Images, Tensor Labels)> images)
{
    private const int Block = 50;   // images attacked together: what a stop loses at most

    // A search on a random model ends where about half of the draws err: fresh draws say no to half of what it found. Changes are lengthened so far.
    private static readonly double[] s_lengths = [1, 1.01, 1.02, 1.05, 1.1, 1.2, 1.5, 2];

    /// <summary>Measures, or reads what was measured before.</summary>
    /// <param name="models">The models, each with a name of its own.</param>
    /// <param name="references">What others found on the same images; may be null.</param>
    public OptimalityResults Measure(IReadOnlyList<OptimalityModel> models, ReferenceChanges? references)
    {
        var found = new List<FoundChanges>();
        var clean = new Dictionary<string, bool[]>();
        foreach (var model in models)
        {
            clean[model.Name] = Errors(model);
            foreach (var norm in effort.Norms)
            {
                found.AddRange(Attacks(norm).Select(attack => Run(model, norm, attack, clean[model.Name])));
                if (references is not null) found.AddRange(references.Of(model.Name, norm, clean[model.Name], model.Deployed.IsRandom));
            }
        }

        return new OptimalityResults([.. models.Select(model => new MeasuredModel(model.Name, model.Deployed.IsRandom, clean[model.Name]))], effort, found);
    }

    // With fewer steps again where that changes the attack.
    private IEnumerable<(string Name, int Steps, Attack Attack)> Attacks(string norm)
    {
        var known = new List<(string Name, Attack Attack)>();
        foreach (var count in effort.Steps.Reverse())
        {
            foreach (var (name, attack) in SmallestAttacks.All(SmallestAttacks.Norms[norm], count).Where(one =>
                !known.Contains(one) && effort.Attacks?.Contains(one.Name) != false))
            {
                known.Add((name, attack));
                yield return (name, count, attack);
            }
        }
    }

    // The images at which the model errs without an attack.
    private bool[] Errors(OptimalityModel model) => [.. steps.Blocks($"{model.Name}, no attack", effort.Images, Block, (part, start, size) =>
    {
        using var scope = NewDisposeScope();
        var (x, labels) = images(start, size);
        return Errs(model, x, labels, $"no attack{part}");
    }).SelectMany(block => block)];

    private FoundChanges Run(OptimalityModel model, string norm, (string Name, int Steps, Attack Attack) attack, bool[] errors)
    {
        var name = $"{model.Name}, {norm}, {attack.Name}, {TextFormat.Counted(attack.Steps, "step", "steps")}";
        var blocks = steps.Blocks(name, effort.Images, Block, (part, start, size) =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = images(start, size);
            using var result = (attack.Attack with { Seed = steps.SeedOf(name + part) }).Run(
                model.Seen(effort), x, labels, cancellation: steps.Cancellation);
            return new Made(Sizes(model, attack.Attack.Norm, x, result.Adversarial, labels, name + part), result.Queries.Forward, result.Queries.Backward);
        });
        var changes = blocks.SelectMany(block => block.Sizes).Select((size, image) => errors[image] ? 0 : size).ToArray();
        return new FoundChanges(model.Name, norm, attack.Name, attack.Steps, changes)
        {
            Passes = new((double)blocks.Sum(block => block.Forward) / effort.Images, (double)blocks.Sum(block => block.Backward) / effort.Images),
        };
    }

    // The size of each change, lengthened until the model errs in a majority of fresh draws, new ones for each length; ∞ where it never does.
    private double[] Sizes(OptimalityModel model, Norm norm, Tensor x, Tensor found, Tensor labels, string name)
    {
        var sizes = Enumerable.Repeat(double.PositiveInfinity, (int)x.shape[0]).ToArray();
        var left = Enumerable.Range(0, sizes.Length).Select(row => (long)row).ToArray();
        foreach (var length in model.Deployed.IsRandom ? s_lengths : s_lengths[..1])
        {
            using var scope = NewDisposeScope();
            var rows = tensor(left);
            var originals = x.index_select(0, rows);
            var change = found.index_select(0, rows) - originals;
            var points = length == 1 ? found.index_select(0, rows)
                : (originals + change * length).clamp(model.Deployed.Bounds.Lower, model.Deployed.Bounds.Upper);
            var lengths = norm.Size(points - originals).to_type(ScalarType.Float64).cpu().data<double>().ToArray();
            var errs = Errs(model, points, labels.index_select(0, rows), $"{name} {length}");
            for (var place = 0; place < left.Length; place++) if (errs[place]) sizes[left[place]] = lengths[place];
            left = [.. left.Where((_, place) => !errs[place] && lengths[place] > 0)];
            if (left.Length == 0) break;
        }

        return sizes;
    }

    // By a majority of fresh draws, of a stream that no attack saw.
    private bool[] Errs(OptimalityModel model, Tensor x, Tensor labels, string name)
    {
        var judge = new Judge(model.Deployed.IsRandom ? effort.JudgeDraws : 1) { Seed = steps.SeedOf($"judge {model.Name} {name}") };
        return [.. judge.Measure(model.Deployed, x, labels, cancellation: steps.Cancellation).SuccessRate.Select(rate => rate > 0.5)];
    }

    /// <summary>What an attack made of a block.</summary>
    internal sealed record Made(double[] Sizes, long Forward, long Backward);
}
