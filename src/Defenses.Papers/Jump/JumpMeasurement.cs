using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Statistics;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>Does the measurements of the protocol, each a step of its own.</summary>
internal sealed class JumpMeasurement(ProtocolContext context, JumpSizes sizes, JumpTask task, nn.Module<Tensor, Tensor> plain, nn.Module<Tensor,
    Tensor> robust)
{
    private const int Block = 100;

    internal JumpResults Measure()
    {
        var (models, battery) = (Models(), new JumpAttacks(context, sizes));
        try
        {
            return new JumpResults(Tables(models), [.. Transfers(models)], [.. Curve()], battery.Run(models, isRobust: false),
                battery.Run(models, isRobust: true)) { Detection = new JumpDetection(context, sizes, task).Measure(models) };
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    /// <summary>Tables 1, 2 and 4 only.</summary>
    internal JumpNetwork MeasureTables()
    {
        var models = Models();
        try
        {
            return Tables(models);
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    private JumpNetwork Tables(JumpModel[] models) => new(sizes, task, [.. models.Select(Accuracy)], [.. Attacked(models)], [.. Gray(models)]);

    private T Step<T>(string name, Func<T> work) => context.Step(task.Prefix + name, work);

    private ulong SeedOf(string what) => context.SeedOf(task.Prefix + what);

    // Thresholds on the plain and on the robust network, and random ones.
    private JumpModel[] Models() =>
    [
        .. new[] { false, true }.SelectMany(isRobust =>
            sizes.Kappas.Select(share => JumpModel.With(context, task, Trained(isRobust), isRobust, Math.Round(share * task.Jump.Kappa, 6)))
            .Append(JumpModel.Randomized(context, task, Trained(isRobust), isRobust))),
    ];

    private nn.Module<Tensor, Tensor> Trained(bool isRobust) => isRobust ? robust : plain;

    private ModelAccuracy Accuracy(JumpModel model) =>
        Step($"accuracy, {model.Name}", () => new ModelAccuracy(model.Name, model.IsRobust, Clean(model)));

    private Proportion Clean(JumpModel model)
    {
        using var images = context.Data.Test.Take(Math.Min(sizes.AccuracyImages, context.Data.Test.Count));
        var found = Defenses.Training.Accuracy.Measure(model.Network, new NormalizedData(images, task.Normalization),
            SeedOf($"accuracy {model.Name}"), 500, context.Cancellation);
        return new Proportion(found.Correct, found.Count);
    }

    private IEnumerable<AttackedModel> Attacked(JumpModel[] models) =>
        from model in models
        from attack in task.Attacks(sizes.TrustSteps)
        select Step($"{attack.Name} on {model.Name}, by image", () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = Images(sizes.Attacked.Paper);
            var adversarial = Craft(attack.Attack, model.Model, x, labels, $"{attack.Name} {model.Name}");
            return new AttackedModel(model.Name, attack.Name, Right(model, adversarial, labels, $"{attack.Name} {model.Name}"),
                [.. RelativePerturbation.Each(x, adversarial, attack.Attack.Norm, task.Normalization.Apply)]);
        });

    // The first model of each network has the threshold 0.
    private IEnumerable<GrayRow> Gray(JumpModel[] models) =>
        from isRobust in new[] { false, true }
        let own = models.Where(model => model.IsRobust == isRobust).ToArray()
        from attack in task.Attacks(sizes.TrustSteps)
        select Step($"gray box, {attack.Name} on {own[0].Name}, by image", () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = Images(sizes.Attacked.Paper);
            var adversarial = Craft(attack.Attack, own[0].Model, x, labels, $"{attack.Name} {own[0].Name}");
            return new GrayRow(attack.Name, isRobust, [.. own.Skip(1).Select(model => model.Name)],
                [.. own.Skip(1).Select(model => Right(model, adversarial, labels, $"gray {attack.Name} {model.Name}"))]);
        });

    private IEnumerable<TransferRow> Transfers(JumpModel[] models) =>
        from source in models
        select Step($"transfer from {source.Name}, by image", () =>
        {
            using var scope = NewDisposeScope();
            var (x, labels) = Images(sizes.Attacked.Paper);
            var adversarial = Craft(task.Pgd.Attack, source.Model, x, labels, $"transfer {source.Name}");
            JumpModel[] targets = [.. models.Where(model => model.IsRobust == source.IsRobust)];
            return new TransferRow(source.Name, source.IsRobust, [.. targets.Select(target => target.Name)],
                [.. targets.Select(target => Right(target, adversarial, labels, $"transfer {source.Name} {target.Name}"))]);
        });

    private IEnumerable<CurvePoint> Curve() =>
        from isRobust in new[] { false, true }
        from kappa in sizes.Curve.Select(share => Math.Round(share * task.Jump.Kappa, 6))
        select Step(FormattableString.Invariant($"curve, κ {kappa}{(isRobust ? ", robust" : "")}"), () =>
        {
            using var model = JumpModel.With(context, task, Trained(isRobust), isRobust, kappa);
            using var scope = NewDisposeScope();
            var (x, labels) = Images(sizes.Attacked.Curve);
            Proportion Under(Attack attack, ModelView view, string name) =>
                PairedShares.Rate(Right(model, Craft(attack, view, x, labels, name), labels, name));
            return new CurvePoint(kappa, isRobust, Clean(model), Under(task.Pgd.Attack, model.Model, $"curve {model.Name}"),
                Under(JumpAttacks.Climb(sizes, sizes.Headline), new StraightThrough(model.Model), $"straight {model.Name}"));
        });

    private (Tensor X, Tensor Labels) Images(int count)
    {
        var most = Math.Min(count, context.Data.Test.Count);
        return (context.Data.Test.Images(0, most), context.Data.Test.Labels.narrow(0, 0, most).clone());
    }

    private Tensor Craft(Attack attack, ModelView model, Tensor x, Tensor labels, string name)
    {
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (var start = 0L; start < x.shape[0]; start += Block)
        {
            var size = Math.Min(Block, x.shape[0] - start);
            using var result = (attack with { Seed = SeedOf($"{name} {start}") }).Run(
                model, x.narrow(0, start, size), labels.narrow(0, start, size), cancellation: context.Cancellation);
            parts.Add(result.Adversarial.alias());
        }
        return cat(parts).MoveToOuterDisposeScope();
    }

    // The share of decisions that recognise each image.
    private double[] Right(JumpModel model, Tensor images, Tensor labels, string name)
    {
        var judge = new Judge(model.Model.IsRandom ? sizes.JudgeDraws : 1) { Seed = SeedOf($"judge {name}") };
        var verdict = judge.Measure(model.Model, images, labels, cancellation: context.Cancellation);
        return [.. verdict.Correct.Select(right => (double)right / verdict.Draws)];
    }
}
