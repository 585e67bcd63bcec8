using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The figures of the page.</summary>
internal sealed class HrsFigures(HrsResults results)
{
    /// <summary>Targets reached over ε, one curve for each way to attack.</summary>
    internal CurveFigure OverStrength(HrsDefense defense)
    {
        var ways = results.Cells.Keys.Where(key => key.Defense == defense.Name && key.Attack == "CW-PGD").Select(key => key.Setting).Distinct();
        return new CurveFigure($"Targets reached by CW-PGD: {defense.Name}", new FigureAxis("ε, in 255ths") { Low = 0 }, FigureAxis.Rate("targets reached"),
            [.. ways.Select(way => new FigureSeries(way,
                [.. results.Strengths.Select(strength => FigurePoint.At(strength, results.Rate(defense, "CW-PGD", way, strength)!.Complement()))]))]);
    }

    /// <summary>Reprogramming epoch by epoch.</summary>
    internal CurveFigure Programs() => new("Digits recognised over the attacker's epochs", new FigureAxis("epoch"), FigureAxis.Rate("digits recognised"),
        [.. results.Programs.Select(program => new FigureSeries($"{program.Defense}, {program.With}",
            [.. program.Epochs.Select((accuracy, epoch) => new FigurePoint(epoch + 1, accuracy))]))])
    {
        Note = "On the view that the attacker trains on: a mean over paths or draws is a better classifier than one answer.",
    };

    /// <summary>Defense rate over the deviation of the gradients' signs, with the correlation.</summary>
    internal ScatterFigure Gradients()
    {
        var points = results.Defenses.Select(defense => (Defense: defense, Spread: results.Gradients[defense.Name].Sign,
            Rate: results.Rate(defense, "CW-PGD", HrsAttack.Published)!)).ToArray();
        var related = results.Related(results.Defenses) is { } all
            ? $"Correlation over the {points.Length} defenses: {TextFormat.Ranged(all, 2)}; 1 would be a straight line up, 0 none. The table of claims has it "
                + "over those that the paper's table 1 compares: without adversarial training, and without networks that have not learnt the task." : null;
        return new ScatterFigure($"Does the deviation go with the defense rate? CW-PGD, published, ε = {results.Headline}/255",
            new FigureAxis("deviation of the gradients' signs (0: all draws agree, 1: as often up as down)"), FigureAxis.Rate("defense rate"),
        [
            .. points.GroupBy(point => point.Defense.Family).Select((family, i) => new FigureSeries(family.Key,
                [.. family.Select(point => new FigurePoint(point.Spread.Value, point.Rate.Rate) { XRange = point.Spread.Interval,
                    YRange = point.Rate.Interval, Label = point.Defense.Name })]) { Color = i }),
        ]) { Note = related };
    }

    /// <summary>Figure 2: gain in defense rate over loss of accuracy, one point for each strength, and a line for each family.</summary>
    internal ScatterFigure Trade(string setting)
    {
        var (plain, accuracy) = (results.Rate(results.Base, "CW-PGD", setting)!, results.Accuracy["base"]);
        return new ScatterFigure($"Gain over cost: CW-PGD, {setting}", new FigureAxis("accuracy lost (points)", NumberUnit.Points),
            new FigureAxis("defense rate gained (points)", NumberUnit.Points),
        [
            .. results.Defenses.Where(defense => defense.Family != "base").GroupBy(defense => defense.Family).Select((family, i) => new FigureSeries(family.Key,
                [.. family.Select(defense => Point(defense, DefenseEfficiency.Measure(results.Rate(defense, "CW-PGD", setting)!, plain, accuracy,
                    results.Accuracy[defense.Name])))])
            {
                Color = i + 1, Fit = Fit(results.Sweep(family.Key, "CW-PGD", setting), plain, accuracy),
            }),
        ]) { Note = "Up and left is better. The dashed lines are fits through the strengths of a family; the whiskers are intervals." };
    }

    private static FigurePoint Point(HrsDefense defense, EfficiencyScore score) =>
        new(score.AccuracyLoss.Value, score.RateGain.Value) { XRange = score.AccuracyLoss.Interval, YRange = score.RateGain.Interval, Label = defense.Name };

    private static FigurePoint[]? Fit(IReadOnlyList<SweepPoint> sweep, Proportion plain, Proportion accuracy)
    {
        var losses = sweep.Select(point => accuracy.Rate - point.Accuracy.Rate).ToArray();
        if (losses.Distinct().Count() < 2) return null;
        var line = EfficiencySweep.Fit(sweep, plain.Rate, accuracy.Rate);
        return [new(losses.Min(), line.At(losses.Min())), new(losses.Max(), line.At(losses.Max()))];
    }
}
