using System.Diagnostics;
using System.Runtime.InteropServices;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>Measures times: the part of a report that differs from run to run.</summary>
internal static class ForwardTiming
{
    private const int Rounds = 5, PaidImages = 20;

    internal static ReportTiming Measure(EvaluationPlan plan, WorkProgress meter)
    {
        var forward = Forward(plan).ToArray();
        var attacks =
            from defense in Enumerable.Range(0, plan.Defenses)
            from cell in plan.Distinct(defense)
            let entry = plan.Evaluation.Attacks[cell]
            select new AttackCost(plan.Evaluation.Defenses[defense].Name, entry.Name, entry.View.Name, meter.MeanSeconds(defense, cell) / plan.Block(0).Count);
        return new ReportTiming
        {
            Finished = plan.Evaluation.Clock.GetUtcNow(), Seconds = meter.Seconds, Forward = forward, Attacks = [.. attacks],
            Machine = $"{Environment.ProcessorCount} processors, {get_num_threads()} torch threads, {RuntimeInformation.OSDescription}, " +
                $"{RuntimeInformation.FrameworkDescription}",
        };
    }

    // Alternates with the first defense, so that other load affects both; medians.
    private static IEnumerable<ForwardCost> Forward(EvaluationPlan plan)
    {
        using var images = new BlockImages(plan, 0);
        var defenses = plan.Evaluation.Defenses;
        // Each query of an oracle may cost money: a few images once, without a round to warm up.
        var isPaid = defenses.Any(defense => defense.Model.Networks.Count == 0);
        var x = images.X.narrow(0, 0, isPaid ? Math.Min(PaidImages, images.X.shape[0]) : images.X.shape[0]);
        var (warming, measured) = isPaid ? (0, 1) : (1, Rounds);
        for (var i = 0; i < defenses.Count; i++)
        {
            var rounds = Enumerable.Range(0, warming + measured).Select(_ => (Base: Time(defenses[0].Model, x), Own: Time(defenses[i].Model, x))).Skip(warming)
                .ToArray();
            var ratio = i == 0 ? 1 : Median(rounds.Select(round => round.Own / round.Base));
            yield return new ForwardCost(defenses[i].Name, 1000 * Median(rounds.Select(round => round.Own)) / x.shape[0], ratio);
        }
    }

    private static double Time(ModelView model, Tensor x)
    {
        using var streams = model.LendStreams(null);
        var watch = Stopwatch.StartNew();
        using var logits = model.ComputeLogits(x);
        using var last = logits.sum();
        last.ToDouble();   // waits for an asynchronous device
        return watch.Elapsed.TotalSeconds;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
}
