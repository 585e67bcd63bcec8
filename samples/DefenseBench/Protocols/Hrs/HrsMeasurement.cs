using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Statistics;
using Defenses.Training;
using DefenseBench.Training;
using static TorchSharp.torch;

namespace DefenseBench.Protocols.Hrs;

/// <summary>The measurements of the protocol, each a step of its own.</summary>
internal sealed class HrsMeasurement(ProtocolContext context, HrsSizes size)
{
    private const int Targets = HrsSearch.Targets, Classes = 10;

    /// <summary>Test images recognised, each by one answer.</summary>
    internal Proportion Accuracy(HrsDefense defense) => context.Step($"accuracy of {defense.Name}", () =>
    {
        using var test = context.Data.Test.Take(Math.Min(size.AccuracyImages, context.Data.Test.Count));
        var accuracy = Defenses.Training.Accuracy.Measure(defense.Network, test, context.SeedOf($"accuracy {defense.Name}"), cancellation: context.Cancellation);
        return new Proportion(accuracy.Correct, accuracy.Count);
    });

    /// <summary>The mean over all paths, the worst and the best path.</summary>
    internal (Proportion Mean, Proportion Worst, Proportion Best) Paths(HrsDefense defense) => context.Step($"paths of {defense.Name}", () =>
    {
        using var test = context.Data.Test.Take(Math.Min(size.AccuracyImages, context.Data.Test.Count));
        var paths = PathAccuracy.Measure(defense.Paths!, test, context.Cancellation);
        return (paths.Mean, paths.Worst, paths.Best);
    });

    /// <summary>Every image towards each of its other classes.</summary>
    internal HrsCell Targeted(HrsDefense defense, HrsAttack attack, int strength)
    {
        var name = $"{defense.Name}: {attack.Name}, {attack.Setting}, ε {strength}";
        return context.Step(name, () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels, targets) = Pairs();
            var goal = Goal.Reach(targets);
            using var result = (attack.Make(strength / 255.0) with { Seed = context.SeedOf(name) }).Run(attack.View(defense), x, goal, null, context.Cancellation);
            return new HrsCell([.. Success(defense, result.Adversarial, labels, goal, name).Chunk(Targets).Select(one => one.Average())]);
        });
    }

    /// <summary>Away from the label, on a switching network counted exactly over all paths.</summary>
    internal HrsCell Untargeted(HrsDefense defense, string name, Func<double, Attack> make, ModelView view, int strength) =>
        context.Step($"{defense.Name}: {name}, untargeted, ε {strength}", () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = (context.Data.Test.Images(0, size.Images), context.Data.Test.Labels.narrow(0, 0, size.Images));
            var goal = Goal.Avoid(labels);
            using var result = (make(strength / 255.0) with { Seed = context.SeedOf($"{name} {strength}") }).Run(view, x, goal, null, context.Cancellation);
            return new HrsCell([.. Success(defense, result.Adversarial, labels, goal, name)]);
        });

    /// <summary>How much the gradients differ between draws where the published CW-PGD starts.</summary>
    internal Spread Deviation(HrsDefense defense, int strength) => context.Step($"gradients of {defense.Name}", () =>
    {
        using var scope = NewDisposeScope();
        var (x, _, targets) = Pairs();
        return GradientDeviation.AtFirstStep(Presets.HrsPaperCwPgd(strength / 255.0) with { Steps = 1, Seed = context.SeedOf("gradients") }, defense.Model, x, Goal.Reach(targets), size.Gradients);
    });

    /// <summary>C&amp;W in L2, each image towards each of its other classes: what it reaches in fresh draws, and how far it goes.</summary>
    internal HrsSearch Search(HrsDefense defense, string setting, ModelView view, double margin)
    {
        var name = FormattableString.Invariant($"{defense.Name}: C&W L2, {setting}, κ {margin}");
        return context.Step(name, () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels, targets) = Pairs(size.Search.Images);
            var goal = Goal.Reach(targets);
            var attack = Presets.HrsPaperCarliniWagner(margin) with
            {
                SearchSteps = size.Search.Rounds, Steps = size.Search.Steps, InitialConstant = size.Search.Rounds < 10 ? 1 : 1e-3, Seed = context.SeedOf(name),
            };
            using var result = attack.Run(view, x, goal, null, context.Cancellation);
            var success = Success(defense, result.Adversarial, labels, goal, name);
            return new HrsSearch(margin, setting, result.Met.data<bool>().ToArray(), success, [.. result.Size.to_type(ScalarType.Float64).data<double>()]);
        });
    }

    // The share of the judge's draws in which the goal is met, or, exactly, of the paths.
    private double[] Success(HrsDefense defense, Tensor adversarial, Tensor labels, Goal goal, string name)
    {
        if (defense.Exact is { } exact)
        {
            using var share = exact.SuccessRate(adversarial, goal.IsMet);
            return [.. share.data<float>().ToArray().Select(value => (double)value)];
        }
        return [.. new Judge(size.JudgeDraws) { Seed = context.SeedOf($"judge {name}") }.Measure(defense.Model, adversarial, labels, goal, 0, context.Cancellation).SuccessRate];
    }

    private (Tensor Images, Tensor Labels, Tensor Targets) Pairs(int? images = null)
    {
        var data = context.Data.Test;
        var labels = data.Labels.data<long>().ToArray()[..(images ?? size.Images)];
        var pairs = Enumerable.Range(0, labels.Length * Targets).Select(pair => (Image: pair / Targets, Step: pair % Targets + 1)).ToArray();
        using var rows = tensor([.. pairs.Select(pair => (long)pair.Image)]);
        return (data.Images(rows), tensor([.. pairs.Select(pair => labels[pair.Image])]), tensor([.. pairs.Select(pair => (labels[pair.Image] + pair.Step) % Classes)]));
    }
}
