using Defenses.Evaluation.Reporting;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>Chooses one image of a block for the report, and converts it to bytes.</summary>
internal static class ExampleImages
{
    private const int PredictionDraws = 51;

    /// <summary>
    /// The first recognized image on which the worst attack succeeds in most draws; if none, the first recognized image. Null if the data are not images.
    /// </summary>
    internal static ExampleImage? Choose(EvaluationPlan plan, int defense, int strength, int[] chosen, CleanRecord clean, int[] met, BlockImages images,
        Tensor adversarial)
    {
        var shape = images.X.shape;
        var draws = plan.Evaluation.Draws;
        if (shape.Length != 4 || shape[1] is not (1 or 3)) return null;
        var recognized = Enumerable.Range(0, met.Length).Where(image => 2 * clean.Correct[image] > draws).ToArray();
        if (recognized.Length == 0) return null;
        var shown = recognized.FirstOrDefault(image => 2 * met[image] > draws, recognized[0]);
        using var scope = NewDisposeScope();
        var (before, after) = (images.X.narrow(0, shown, 1), adversarial.narrow(0, shown, 1));
        var difference = (after - before).to_type(ScalarType.Float64);
        var scale = difference.abs().max().ToDouble();
        var (model, bounds) = (plan.ModelOf(defense, 0), plan.Evaluation.Defenses[defense].Model.Bounds);
        string Name(Tensor image) => plan.Examples.ClassName(Predict(model, image, plan.SeedOf("example", defense, strength)));
        return new ExampleImage
        {
            Defense = plan.Evaluation.Defenses[defense].Name, Attack = plan.Evaluation.Attacks[chosen[shown]].FullName,
            Epsilon = plan.Evaluation.Strengths[strength], Index = shown, Label = plan.Examples.ClassName(images.Labels[shown].ToInt64()),
            CleanPrediction = Name(before), AdversarialPrediction = Name(after), SuccessRate = (double)met[shown] / draws,
            Channels = (int)shape[1], Height = (int)shape[2], Width = (int)shape[3],
            Clean = Bytes((before - bounds.Lower) * (255 / bounds.Range)), Adversarial = Bytes((after - bounds.Lower) * (255 / bounds.Range)),
            Difference = Bytes(scale > 0 ? difference * (127 / scale) + 128 : difference + 128), DifferenceScale = scale,
        };
    }

    // The class with the largest mean probability over fresh draws.
    private static long Predict(ModelView model, Tensor image, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var streams = model.LendStreams(seed);
        return model.ComputeLogits(image, model.IsRandom ? PredictionDraws : 1).softmax(-1).mean([0]).argmax(1).ToInt64();
    }

    private static byte[] Bytes(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.round().clamp(0, 255).to_type(ScalarType.Byte).cpu().contiguous().bytes.ToArray();
    }
}
