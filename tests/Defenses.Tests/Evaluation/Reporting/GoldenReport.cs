using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Work;
using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Evaluation.Reporting;

/// <summary>A report that uses every part of a report, of counts made by whole numbers alone: the same on every machine.</summary>
internal static class GoldenReport
{
    private const int Images = 40, Draws = 5;
    private const double Confidence = 0.95, Eta = 0.002;
    private static readonly double[] s_strengths = [8 / 255d, 64 / 255d];
    private static readonly (string Attack, string View, Knowledge Knowledge, int Power)[] s_attacks =
    [
        ("FGSM", "plain", Knowledge.SingleStep, 0), ("PGD", "plain", Knowledge.Gradient, 2), ("PGD", "EOT 10", Knowledge.Gradient, 3),
        ("Square", "plain", Knowledge.Scores, 1),
    ];

    // Toughness is how much an attack needs to turn an answer.
    private static readonly (string Name, string? What, bool IsRandom, int Toughness, int Errors)[] s_models =
    [
        ("unprotected", "the network of the paper, as it was trained", false, 7, 1), ("noise σ 0.2", "Gaussian noise on the input", true, 9, 1),
        ("switching 3×3", "nine paths, one for each image", true, 12, 2), ("a & b <untrained>", null, false, 9, Images),
    ];

    internal static EvaluationReport Make()
    {
        var defenses = new List<DefenseResult>();
        for (var i = 0; i < s_models.Length; i++) defenses.Add(Defense(i, defenses));
        var report = new EvaluationReport
        {
            Title = "How hard is it to fool?", Settings = Settings(), Defenses = defenses, Examples = [Picture(0, 1), Picture(2, 3)], Timing = Timing(),
        };
        return report with { Findings = [.. ReportCheck.InspectAll(report), .. Added()] };
    }

    private static ReportSettings Settings() => new()
    {
        Dataset = "digits, test", Images = Images, Draws = Draws, Confidence = Confidence, Eta = Eta, Norm = "Linf", Lower = 0, Upper = 1,
        Strengths = s_strengths,
        Headline = s_strengths[^1], Seed = 18446744073709551615, BlockSize = 20, JudgeBlockSize = 20, Library = "0.1.0",
        Command = "defenses run --preset quick --seed 7",
        Threat = ThreatModel.WhiteBox, Checks = ["LogitsCheck", "NoiseAttackCheck", "BrokenCertificatesCheck"],
        Attacks = [.. s_attacks.Select(attack => new AttackSettings(attack.Attack, attack.View, "avoid the label", Options(attack.Attack))
        {
            Knowledge = attack.Knowledge, Steps = attack.Knowledge == Knowledge.Gradient ? 20 : null, Draws = attack.View == "EOT 10" ? 10 : 1, Norm = "Linf",
            Averages = attack.View == "EOT 10" ? "plain" : null,
        })],
    };

    private static string[] Options(string attack) => [.. s_strengths.Select((_, number) => $"{attack} {{ Strength = {number} }}")];

    private static IEnumerable<Finding> Added() =>
    [
        new(Severity.Note, "A note on all", "It concerns every number.", "Know it."),
        new(Severity.Invalid, "A certificate does not hold", "An answer changes within the certified radius.", "Mend the certificate.", s_models[2].Name),
        new(Severity.Warning, "Few draws", "Five draws say little.", "Judge with more.", s_models[1].Name),
        new(Severity.Warning, "Few draws", "Five draws say little.", "Judge with more.", s_models[2].Name),
    ];

    private static DefenseResult Defense(int number, IReadOnlyList<DefenseResult> before)
    {
        var (model, correct, first) = (s_models[number], Clean(number), before.Count > 0 ? before[0] : null);
        var pairs = new PairTally();
        for (var i = 0; i < Images; i++) pairs.Add(correct[i], Clean(0)[i]);
        var (accuracy, correlation) = (new Tally(Draws).Add(correct).Accuracy(Confidence)!, pairs.CorrelationOfMeans(Images, Images));
        var unprovoked = new Tally(Draws).Add(correct.Where(count => 2 * count > Draws).Select(count => Draws - count));
        return new DefenseResult
        {
            Name = model.Name, Description = model.What, Family = number == 0 ? null : model.Name.Split(' ')[0], Cost = number == 2 ? 1.25 : null,
            IsRandom = model.IsRandom,
            Layers = model.IsRandom ? [$"features.1: {model.Name.Split(' ')[0]}", "features.4: second"] : [], Accuracy = accuracy,
            Recognized = unprovoked.Count,
            AccuracyLoss = first is null ? null : ProportionDifference.Between(first.Accuracy.MeanDraw, accuracy.MeanDraw, correlation),
            Unprovoked = unprovoked.Success(Confidence), Checks = Checks(number),
            Tries = TriesResult.Of(
                unprovoked.Tries(Confidence), new Tally(Draws).Add(correct.Select(count => Draws - count)).Tries(Confidence)!, TriesCurve.Shown(Draws, 1)),
            Strengths = [.. s_strengths.Select((_, strength) => Strength(number, strength, before, accuracy, correlation))],
        };
    }

    private static StrengthResult Strength(int number, int strength, IReadOnlyList<DefenseResult> before, DrawRates accuracy, double correlation)
    {
        Outcome Met(int cell, int power, Func<StrengthResult, Outcome> pick)
        {
            var (sum, recognised, met) = (new OutcomeSum(Draws), Recognised(number), Turned(number, strength, power));
            sum.Add([.. met.Select((count, i) => recognised[i] ? Draws - count : 0)], met, recognised);
            // Square stops where it succeeds; the others make all of their steps.
            long[] passes = [.. met.Select((count, i) => cell == 3 && count > 0 ? 5 + i : cell == 2 ? 600L : 60)];
            var piece = new CellRecord([], met, number == 1 && cell == 1 ? 1 : 0, 40L * Images, 20L * Images, 1, null, null, passes);
            sum.Count(piece, cell < 0 ? null : recognised);
            if (before.Count == 0) return sum.Outcome(Confidence);
            sum.Compare(met, recognised, Turned(0, strength, power), Recognised(0));
            return sum.Outcome(Confidence, Eta, pick(before[0].Strengths[strength]), before[0].Accuracy, accuracy, correlation);
        }

        var cells = s_attacks.Select((attack, cell) =>
            new CellResult(attack.Attack, attack.View, attack.View == "EOT 10" && !s_models[number].IsRandom ? "plain" : null,
            Met(cell, attack.View == "EOT 10" && !s_models[number].IsRandom ? 2 : attack.Power, of => of.Cells[cell].Outcome)));
        var worst = Met(-1, 3, of => of.Worst);
        var (tries, met, counted) = (new TriesSum(Draws, TriesCurve.Shown(Draws, 1)), Turned(number, strength, 3), Recognised(number));
        tries.Add(met, [.. Clean(number).Select(count => Draws - count)], [.. met.Select((count, i) => counted[i] ? Draws - count : 0)], counted);
        return new StrengthResult(s_strengths[strength], worst, [.. cells])
        {
            Basis = number == 1 ? null : new VerdictBasis   // as in reports written before
            {
                Broken = number == 0 ? 12 : 0, Needed = number == 0 ? [0, 1] : [],
                Attacks = [.. new long[] { 3, 7, 0, 2 }.Select((strongest, cell) =>
                    number == 0 ? new AttackShare(strongest, 10 - cell, cell % 2) : new(0, 0, 0))],
                Passes = 1234.5, NeededPasses = 345.5, NextPasses = 2468, NextNeededPasses = 690,
            },
            AccuracyOver = [.. before.Select(
                other => ProportionDifference.Between(worst.Accuracy.MeanDraw, other.Strengths[strength].Worst.Accuracy.MeanDraw))],
            Tries = tries.Result(Confidence),
        };
    }

    private static int[] Clean(int number) =>
        [.. Enumerable.Range(0, Images).Select(i => i < s_models[number].Errors ? 0 : s_models[number].IsRandom && i % 7 == number ? Draws - 1 : Draws)];

    private static bool[] Recognised(int number) => [.. Clean(number).Select(count => 2 * count > Draws)];

    // In how many draws the attack meets its goal, image by image.
    private static int[] Turned(int number, int strength, int power)
    {
        var turned = Enumerable.Range(0, Images).Select(i => Math.Clamp(2 + power + 5 * strength + i * 7 % 9 - s_models[number].Toughness, 0, Draws));
        return [.. turned.Select(count => s_models[number].IsRandom ? count : count > 0 ? Draws : 0)];
    }

    private static CheckResult[] Checks(int number) =>
    [
        new("The answers are logits", CheckOutcome.Clear, null, null),
        new("Random noise fools less than the attack", number == 1 ? CheckOutcome.Found : CheckOutcome.Clear, number == 1 ? Severity.Warning : null, null),
        number == 2 ? new("Certificates hold", CheckOutcome.Found, Severity.Invalid, null)
            : new("Certificates hold", CheckOutcome.NotRun, null, "it has no certificates"),
    ];

    private static ReportTiming Timing() => new()
    {
        Finished = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Seconds = 312.4, Machine = "2 processors",
        Forward = [.. s_models.Select((model, i) => new ForwardCost(model.Name, 0.3 + 0.25 * i, 1 + 0.5 * i))],
        Attacks = [.. s_models.Select(model => new AttackCost(model.Name, "PGD", "plain", 0.031))],
    };

    // A ramp, a checkered change; the second in colour.
    private static ExampleImage Picture(int number, int channels)
    {
        const int Size = 6;
        byte Ramp(int i) => (byte)(6 * (i % (Size * Size)) + 10 * (i / (Size * Size)));
        byte[] All(Func<int, byte> pixel) => [.. Enumerable.Range(0, channels * Size * Size).Select(pixel)];
        return new ExampleImage
        {
            Defense = s_models[number].Name, Attack = "PGD, EOT 10", Epsilon = s_strengths[^1], Index = 3 + number, Label = "seven",
                CleanPrediction = "seven", AdversarialPrediction = "one",
            SuccessRate = 0.8, Channels = channels, Height = Size, Width = Size, Clean = All(Ramp), Adversarial = All(i => (byte)(Ramp(i) + i % 2 * 16)),
            Difference = All(i => (byte)(128 + i % 2 * 127)), DifferenceScale = s_strengths[^1],
        };
    }
}
