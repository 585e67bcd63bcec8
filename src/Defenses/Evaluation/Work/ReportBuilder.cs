using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Statistics;

namespace Defenses.Evaluation.Work;

/// <summary>Builds the report from the sums.</summary>
internal sealed class ReportBuilder(EvaluationPlan plan, EvaluationSums sums)
{
    private EvaluationGrid Evaluation => plan.Evaluation;

    private double Confidence => Evaluation.Confidence;

    internal static ReportSettings Settings(EvaluationPlan plan)
    {
        var evaluation = plan.Evaluation;
        var bounds = evaluation.Defenses[0].Model.Bounds;
        return new ReportSettings
        {
            Dataset = plan.Examples.Name, Images = plan.Examples.Count, Draws = evaluation.Draws, Confidence = evaluation.Confidence, Eta = evaluation.Eta,
            Norm = $"{evaluation.Norm}", Lower = bounds.Lower, Upper = bounds.Upper, Strengths = evaluation.Strengths, Headline = evaluation.Headline,
            Seed = plan.Seed, BlockSize = evaluation.BlockSize, JudgeBlockSize = Judge.BlockSize, Command = evaluation.Command,
            Checks = [.. Enumerable.Range(0, plan.Defenses).SelectMany(plan.ChecksOf).Select(check => check.Name).Distinct()],
            Attacks = [.. evaluation.Attacks.Select((attack, i) => attack.Settings(plan.Options[i], evaluation.Headline))],
            Library = LibraryVersion.Text, Threat = evaluation.Threat,
        };
    }

    internal EvaluationReport Build(ReportSettings settings, IReadOnlyList<ExampleImage> examples)
    {
        var defenses = new List<DefenseResult>();
        for (var defense = 0; defense < plan.Defenses; defense++) defenses.Add(Defense(defense, defenses));
        var report = new EvaluationReport { Title = Evaluation.Title, Settings = settings, Defenses = defenses, Examples = examples };
        return report with { Findings = ReportCheck.InspectAll(report) };
    }

    private DefenseResult Defense(int defense, IReadOnlyList<DefenseResult> before)
    {
        var first = before.Count > 0 ? before[0] : null;
        var (entry, clean) = (Evaluation.Defenses[defense], sums.Clean[defense]);
        var accuracy = clean.Accuracy(Confidence)!;
        var correlation = sums.CleanPairs[defense].CorrelationOfMeans(clean.Count, clean.Count);
        return new DefenseResult
        {
            Name = entry.Name, Description = entry.Description, Family = entry.Family, Cost = entry.Cost, 
            IsRandom = plan.ModelOf(defense, 0).IsRandom,
            Layers = [.. Fingerprint.Layers(entry)], Accuracy = accuracy, Recognized = sums.Unprovoked[defense].Count,
            AccuracyLoss = first is null ? null : ProportionDifference.Between(first.Accuracy.MeanDraw, accuracy.MeanDraw, correlation),
            Unprovoked = sums.Unprovoked[defense].Success(Confidence),
            Tries = TriesResult.Of(sums.Unprovoked[defense].Tries(Confidence), sums.Wrong[defense].Tries(Confidence)!, plan.Shown),
            Strengths = [.. Enumerable.Range(0, plan.Strengths).Select(strength => Strength(defense, strength, before, accuracy, correlation))],
        };
    }

    private StrengthResult Strength(int defense, int strength, IReadOnlyList<DefenseResult> before, DrawRates accuracy, double correlation)
    {
        var first = before.Count > 0 ? before[0] : null;
        Outcome Set(OutcomeSum sum, Func<StrengthResult, Outcome> pick) => first is null
            ? sum.Outcome(Confidence)
            : sum.Outcome(Confidence, Evaluation.Eta, pick(first.Strengths[strength]), first.Accuracy, accuracy, correlation);
        var cells = Evaluation.Attacks.Select((attack, cell) => new CellResult(
            attack.Name, attack.View.Name, SameAs(defense, cell), Set(sums.Cells[defense][strength][cell], of => of.Cells[cell].Outcome)));
        var worst = Set(sums.Worst[defense][strength], of => of.Worst);
        var tries = sums.WorstTries[defense][strength].Result(Confidence);
        IReadOnlyList<Estimate> Over(Proportion own, PairTally[] pairs, Func<StrengthResult, Proportion> pick) =>
            [.. before.Select((other, number) => ProportionDifference.Between(
                own, pick(other.Strengths[strength]), pairs[number].CorrelationOfMeans(plan.Examples.Count, plan.Examples.Count)))];
        Proportion InTries(TriesResult? result) => result!.At(Evaluation.Threat.Tries)!.Accuracy;
        return new StrengthResult(Evaluation.Strengths[strength], worst, [.. cells])
        {
            Basis = sums.Basis[defense][strength].Basis(cell => Evaluation.Attacks[cell].Make(Evaluation.Strengths[strength])),
            AccuracyOver = Over(worst.Accuracy.MeanDraw, sums.WorstPairs[defense][strength], of => of.Worst.Accuracy.MeanDraw),
            AccuracyInTriesOver = Evaluation.Threat.Tries == 1 ? null
                : Over(InTries(tries), sums.TriesPairs[defense][strength], of => InTries(of.Tries)),
            Tries = tries,
        };
    }

    private string? SameAs(int defense, int cell) =>
        plan.Canonical(defense, cell) is var canonical && canonical != cell ? Evaluation.Attacks[canonical].View.Name : null;
}
