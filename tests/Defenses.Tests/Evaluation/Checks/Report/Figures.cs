using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Statistics;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>A report with the figures that a test wants: success rates by attack and strength, on 500 images.</summary>
internal sealed record Figures
{
    internal int Images { get; init; } = 500;

    /// <summary>Attack (named after its type), view, and success at each strength.</summary>
    internal required (Attack Attack, AttackerView View, double[] Success)[] Cells { get; init; }

    internal double[] Strengths { get; init; } = [0.1, 0.2];

    internal double? Headline { get; init; }

    internal bool IsRandom { get; init; }

    internal int Draws { get; init; } = 100;

    internal long? Recognised { get; init; }

    internal long Outside { get; init; }

    internal long NotAttempted { get; init; }

    internal string Norm { get; init; } = "Linf";

    /// <summary>What each cell wants; by default any class but the label.</summary>
    internal string[]? Goals { get; init; }

    internal EvaluationReport Report()
    {
        var all = Rate(0.98, Images);
        var strengths = Strengths.Select((epsilon, number) => new StrengthResult(epsilon, Outcome(Cells.Max(cell => cell.Success[number]), 0),
            [.. Cells.Select(cell => new CellResult(cell.Attack.GetType().Name, cell.View.Name, null, Outcome(cell.Success[number], Outside)))]));
        return new EvaluationReport
        {
            Title = "Figures",
            Defenses =
            [
                new DefenseResult { Name = "d", IsRandom = IsRandom, Accuracy = all, Recognized = Recognised ?? Images, Strengths = [.. strengths] },
            ],
            Settings = new ReportSettings
            {
                Images = Images, Draws = Draws, Confidence = 0.95, Eta = 0.002, Norm = Norm, Lower = 0, Upper = 1, Strengths = Strengths,
                Headline = Headline ?? Strengths[^1], Seed = 1, BlockSize = 100, JudgeBlockSize = 20, Library = "0",
                Attacks = [.. Cells.Select((cell, number) => Entry(cell.Attack, cell.View,
                    Goals?[number]).Settings([.. Strengths.Select(_ => $"{cell.Attack}")], Headline ?? Strengths[^1]))],
            },
        };
    }

    private static AttackEntry Entry(Attack attack, AttackerView view, string? goal) =>
        new(attack.GetType().Name, _ => attack, view) { GoalName = goal ?? AttackEntry.UsualGoal };

    private Outcome Outcome(double success, long outside)
    {
        var rates = Recognised == 0 ? null : Rate(success, Recognised ?? Images);
        return new Outcome
        {
            Success = rates, DefenseRate = rates?.MeanDraw.Complement(), Accuracy = Rate(1 - success, Images), AllImages = Rate(success, Images),
            OutsideBudget = outside, NotAttempted = NotAttempted,
        };
    }

    private static DrawRates Rate(double rate, long trials)
    {
        var proportion = new Proportion(Math.Round(rate * trials), trials);
        return new DrawRates(proportion, proportion, proportion);
    }
}
