using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Statistics;
using Defenses.Training;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>The measurements of the protocol, each a step of its own.</summary>
internal sealed class HrsMeasurement(ProtocolContext context, HrsSizes size)
{
    /// <summary>Images attacked together, each towards all its targets; the gradients' deviation is that of the first block.</summary>
    internal const int Block = 30;

    private const int Targets = HrsSearch.Targets, Classes = 10;

    /// <summary>Test images recognised, each by one answer.</summary>
    internal Proportion Accuracy(HrsDefense defense) => context.Step($"accuracy of {defense.Name}", () =>
    {
        using var test = context.Data.Test.Take(Math.Min(size.AccuracyImages, context.Data.Test.Count));
        var accuracy = Defenses.Training.Accuracy.Measure(defense.Network, test, context.SeedOf($"accuracy {defense.Name}"),
            cancellation: context.Cancellation);
        return new Proportion(accuracy.Correct, accuracy.Count);
    });

    /// <summary>How often each test image is recognised: over all paths exactly, of another random network in two fresh answers.</summary>
    internal HrsAnswers Answers(HrsDefense defense) => context.Step($"answers of {defense.Name}", () =>
    {
        using var test = context.Data.Test.Take(Math.Min(size.AccuracyImages, context.Data.Test.Count));
        if (defense.Paths is { } network)
            return new HrsAnswers([.. PathAccuracy.Measure(network, test, context.Cancellation).ByImage.Select(right => (double)right / network.Paths.Count)],
                0);
        var draws = defense.Model.IsRandom ? 2 : 1;
        var answers = Enumerable.Range(0, draws).Select(draw => Defenses.Training.Accuracy.PerExample(
            defense.Network, test, context.SeedOf($"answers {defense.Name} {draw}"), cancellation: context.Cancellation)).ToArray();
        return new HrsAnswers([.. Enumerable.Range(0, (int)test.Count).Select(image => answers.Average(each => each[image] ? 1.0 : 0))], draws);
    });

    /// <summary>The mean over all paths, the worst and the best path.</summary>
    internal (Proportion Mean, Proportion Worst, Proportion Best) Paths(HrsDefense defense) => context.Step($"paths of {defense.Name}", () =>
    {
        using var test = context.Data.Test.Take(Math.Min(size.AccuracyImages, context.Data.Test.Count));
        var paths = PathAccuracy.Measure(defense.Paths!, test, context.Cancellation);
        return (paths.Mean, paths.Worst, paths.Best);
    });

    /// <summary>Every image towards each of its other classes.</summary>
    internal SuccessRates Targeted(HrsDefense defense, HrsAttack attack, int strength)
    {
        var name = $"{defense.Name}: {attack.Name}, {attack.Setting}, ε {strength}";
        return SuccessRates.Join(context.Blocks(name, size.Images, Block, (part, start, count) =>
        {
            using var scope = NewDisposeScope();
            var (x, labels, targets) = Pairs(start, count);
            var goal = Goal.Reach(targets);
            using var result = (attack.Make(strength / 255.0) with { Seed = context.SeedOf(name + part) }).Run(attack.View(defense), x, goal, null,
                context.Cancellation);
            return new SuccessRates([.. Success(defense, result.Adversarial, labels, goal, name + part).Chunk(Targets).Select(one => one.Average())]);
        }));
    }

    /// <summary>Away from the label, on a switching network counted exactly over all paths.</summary>
    internal SuccessRates Untargeted(HrsDefense defense, string name, Func<double, Attack> make, ModelView view, int strength) =>
        SuccessRates.Join(context.Blocks($"{defense.Name}: {name}, untargeted, ε {strength}", size.Images, Block, (part, start, count) =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = (context.Data.Test.Images(start, count), context.Data.Test.Labels.narrow(0, start, count));
            var goal = Goal.Avoid(labels);
            using var result = (make(strength / 255.0) with { Seed = context.SeedOf($"{name} {strength}{part}") })
                .Run(view, x, goal, null, context.Cancellation);
            return new SuccessRates([.. Success(defense, result.Adversarial, labels, goal, name + part)]);
        }));

    /// <summary>How much the gradients differ between draws where the published CW-PGD starts.</summary>
    internal GradientDeviationResult Deviation(HrsDefense defense, int strength) => context.Step($"gradients of {defense.Name}", () =>
    {
        using var scope = NewDisposeScope();
        var (x, _, targets) = Pairs(0, Math.Min(Block, size.Images));
        return GradientDeviation.AtFirstStep(Presets.HrsPaperCwPgd(strength / 255.0) with { Steps = 1, Seed = context.SeedOf("gradients") }, defense.Model, x,
            Goal.Reach(targets), size.Gradients);
    });

    /// <summary>C&amp;W in L2, each image towards each of its other classes: what it reaches in fresh draws, and how far it goes.</summary>
    internal HrsSearch Search(HrsDefense defense, string setting, ModelView view, double margin)
    {
        var name = FormattableString.Invariant($"{defense.Name}: C&W L2, {setting}, κ {margin}");
        return HrsSearch.Join(context.Blocks(name, size.Search.Images, Block, (part, start, count) =>
        {
            using var scope = NewDisposeScope();
            var (x, labels, targets) = Pairs(start, count);
            var goal = Goal.Reach(targets);
            var attack = Presets.HrsPaperCarliniWagner(margin) with
            {
                SearchSteps = size.Search.Rounds, Steps = size.Search.Steps, InitialConstant = size.Search.Rounds < 10 ? 1 : 1e-3,
                Seed = context.SeedOf(name + part),
            };
            using var result = attack.Run(view, x, goal, null, context.Cancellation);
            var success = Success(defense, result.Adversarial, labels, goal, name + part);
            return new HrsSearch(margin, setting, result.Met.data<bool>().ToArray(), success, [.. result.Size.to_type(ScalarType.Float64).data<double>()]);
        }));
    }

    // The share of the judge's draws in which the goal is met, or, exactly, of the paths.
    private double[] Success(HrsDefense defense, Tensor adversarial, Tensor labels, Goal goal, string name)
    {
        if (defense.Exact is { } exact)
        {
            using var share = exact.SuccessRate(adversarial, goal.IsMet);
            return [.. share.data<float>().ToArray().Select(value => (double)value)];
        }
        return [.. new Judge(size.JudgeDraws) { Seed = context.SeedOf($"judge {name}") }.Measure(defense.Model, adversarial, labels, goal, 0,
            context.Cancellation).SuccessRate];
    }

    // Each of these images towards each of its other classes.
    private (Tensor Images, Tensor Labels, Tensor Targets) Pairs(int start, int count)
    {
        var labels = context.Data.Test.Labels.narrow(0, start, count).data<long>().ToArray();
        var pairs = Enumerable.Range(0, count * Targets).Select(pair => (Image: pair / Targets, Step: pair % Targets + 1)).ToArray();
        using var rows = tensor([.. pairs.Select(pair => (long)start + pair.Image)]);
        return (context.Data.Test.Images(rows), tensor([.. pairs.Select(pair => labels[pair.Image])]),
            tensor([.. pairs.Select(pair => (labels[pair.Image] + pair.Step) % Classes)]));
    }
}
