using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Evaluation.Work;
using Defenses.Pages;
using Defenses.Statistics;
using Defenses.Tests.Statistics;

namespace Defenses.Tests.Evaluation.Reporting;

/// <summary>A report with plausible numbers, simulated image by image, for tests of what is written about it.</summary>
internal sealed class SampleReport
{
    private static readonly double[] Strengths = [8 / 255d, 16 / 255d, 32 / 255d, 64 / 255d];
    private static readonly string[] Views = ["plain", "EOT 10", "fixed draw"];
    private static readonly string[] AttackNames = ["FGSM", "PGD", "CW-PGD"];
    private readonly int _images, _draws;
    private readonly Dice _dice = new(1);
    private readonly List<(int[] Correct, bool[] Recognised, Tally Accuracy)> _clean = [];
    private readonly Dictionary<(int Strength, int Cell), int[]> _baseMet = [];
    private TriesSum? _tries;   // of the last outcome

    // Name, what it is, clean accuracy, ε that halves the accuracy, how steeply, whether random.
    private static readonly (string Name, string What, double Accuracy, double Half, bool IsRandom)[] Models =
    [
        ("Unprotected", "C&W network for MNIST", 0.992, 0.09, false), ("Gaussian noise", "σ 0.2 on the input, 0.1 inside", 0.985, 0.13, true),
        ("Dropout 0.3", "after the first dense layer", 0.987, 0.11, true), ("SAP", "stochastic activation pruning", 0.990, 0.10, true),
        ("Random spiking", "keeps 80 % of the first layer", 0.978, 0.14, true), ("JumpReLU", "κ = 0.4", 0.983, 0.115, false),
        ("MVM sampling", "half of the expected draws", 0.984, 0.12, true), ("HRS 5×5", "25 paths, one a batch", 0.989, 0.19, true),
    ];

    private SampleReport(int images, int draws) => (_images, _draws) = (images, draws);

    internal static EvaluationReport Make(int images = 500, int draws = 20, int defenses = 8)
    {
        var sample = new SampleReport(images, draws);
        var settings = new ReportSettings
        {
            Dataset = "MNIST test", Images = images, Draws = draws, Confidence = 0.95, Eta = 0.002, Norm = "Linf", Lower = 0, Upper = 1, Strengths = Strengths,
            Headline = Strengths[^1], Seed = 18446744073709551615, BlockSize = 100, JudgeBlockSize = 20, Library = "0.1.0",
            Command = "defenses run --preset quick --seed 7",
            Attacks = [.. from name in AttackNames from view in Views
                select new AttackSettings(name, view, "avoid the label", [.. Strengths.Select(epsilon => $"{name} {{ Epsilon = {SvgChart.F(epsilon)} }}")])],
        };
        var results = new List<DefenseResult>();
        for (var i = 0; i < defenses; i++) results.Add(sample.Defense(i, results.FirstOrDefault()));
        var report = new EvaluationReport
        {
            Title = "How hard is this digit classifier to fool?", Settings = settings, Defenses = results,
            Examples = [.. results.Select(sample.Picture)],
            Timing = new ReportTiming
            {
                Finished = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), Seconds = 312.4, Machine = "2 processors",
                Forward = [.. results.Select((result, i) => new ForwardCost(result.Name, 0.3 + 0.02 * i, 1 + 0.07 * i))],
                Attacks = [.. results.Select(result => new AttackCost(result.Name, "PGD", "plain", 0.031))],
            },
        };
        return report with { Findings = ReportCheck.InspectAll(report) };
    }

    private DefenseResult Defense(int number, DefenseResult? first)
    {
        var model = Models[number];
        var correct = Counts(model.IsRandom, _ => model.Accuracy);
        var recognised = correct.Select(count => 2 * count > _draws).ToArray();
        var accuracy = new Tally(_draws).Add(correct);
        _clean.Add((correct, recognised, accuracy));
        var pairs = new PairTally();
        for (var i = 0; i < _images; i++) pairs.Add(correct[i], _clean[0].Correct[i]);
        var (rates, correlation) = (accuracy.Accuracy(0.95)!, pairs.CorrelationOfMeans(_images, _images));
        var unprovoked = new Tally(_draws).Add(correct.Select(count => _draws - count).Where((_, i) => recognised[i]));
        return new DefenseResult
        {
            Name = model.Name, Description = model.What, Family = model.Name.Split(' ')[0], IsRandom = model.IsRandom, Accuracy = rates,
            AccuracyLoss = first is null ? null : ProportionDifference.Between(first.Accuracy.MeanDraw, rates.MeanDraw, correlation),
            Tries = TriesResult.Of(unprovoked.Tries(0.95), new Tally(_draws).Add(correct.Select(count => _draws - count)).Tries(0.95)!,
                TriesCurve.Shown(_draws, 1)),
            Recognized = unprovoked.Count, Unprovoked = unprovoked.Success(0.95), Layers = model.IsRandom
                ? [$"features.noise: {model.Name.Replace(" ", "")}"] : [],
            Strengths = [.. Enumerable.Range(0, Strengths.Length).Select(strength => Strength(number, strength, first, rates, correlation))],
        };
    }

    private StrengthResult Strength(int number, int strength, DefenseResult? first, DrawRates accuracy, double correlation)
    {
        var cells = new List<CellResult>();
        for (var cell = 0; cell < 9; cell++)
        {
            var (attack, view) = (AttackNames[cell / 3], Views[cell % 3]);
            var same = !Models[number].IsRandom && cell % 3 > 0;
            cells.Add(new CellResult(attack, view, same ? "plain" : null,
                same ? cells[^(cell % 3)].Outcome
                    : Outcome(number, strength, cell, first?.Strengths[strength].Cells[cell].Outcome, first, accuracy, correlation)));
        }
        var worst = Outcome(number, strength, 9, first?.Strengths[strength].Worst, first, accuracy, correlation);
        return new StrengthResult(Strengths[strength], worst, cells) { Tries = _tries!.Result(0.95) };
    }

    private Outcome Outcome(int number, int strength, int cell, Outcome? firstOutcome, DefenseResult? first, DrawRates accuracy, double correlation)
    {
        var model = Models[number];
        double[] ease = [0.45, 0.4, 0.35, 0.9, 1.05, 0.8, 0.95, 1.1, 0.85, 1.2];   // FGSM, PGD, CW-PGD by view, then the worst
        var half = model.Half / (model.IsRandom || cell == 9 ? ease[cell] : ease[cell - cell % 3]);
        var (correct, recognised, _) = _clean[number];
        var held = Counts(model.IsRandom, i => 2 * correct[i] > _draws ? 1 / (1 + Math.Pow(Strengths[strength] / half * (0.6 + 0.8 * _dice.Uniform()), 4))
            : 0.02);
        var met = held.Select(count => _draws - count).ToArray();
        var sum = new OutcomeSum(_draws);
        sum.Add(held, met, recognised);
        _tries = new TriesSum(_draws, TriesCurve.Shown(_draws, 1));
        _tries.Add(met, [.. correct.Select(count => _draws - count)], held, recognised);
        sum.Count(new CellRecord([], met, 0, 40L * _images, 20L * _images, 1, null), cell == 9 ? null : recognised);
        if (number == 0)
        {
            _baseMet[(strength, cell)] = met;
            return sum.Outcome(0.95);
        }
        var baseCell = _baseMet.ContainsKey((strength, cell)) ? cell : cell - cell % 3;
        sum.Compare(met, recognised, _baseMet[(strength, baseCell)], _clean[0].Recognised);
        return sum.Outcome(0.95, 0.002, firstOutcome!, first!.Accuracy, accuracy, correlation);
    }

    // Random models: a rate of its own for each image; deterministic ones: all draws or none.
    private int[] Counts(bool isRandom, Func<int, double> rate)
    {
        var counts = new int[_images];
        for (var i = 0; i < _images; i++)
        {
            var p = rate(i);
            if (!isRandom) counts[i] = _dice.Uniform() < p ? _draws : 0;
            else counts[i] = _dice.Successes(_draws, Math.Clamp(p + 0.3 * (_dice.Uniform() - 0.5) * Math.Min(p, 1 - p), 0, 1));
        }
        return counts;
    }

    // A ring, a little noise, and a blot of it.
    private ExampleImage Picture(DefenseResult result, int number)
    {
        const int Size = 28;
        byte[] clean = new byte[Size * Size], adversarial = new byte[Size * Size], difference = new byte[Size * Size];
        for (var i = 0; i < clean.Length; i++)
        {
            var (y, x) = (i / Size - 13.5, i % Size - 13.5);
            var ring = 255 * Math.Exp(-Math.Pow((Math.Sqrt(x * x * (1 + 0.1 * number) + y * y) - 8) / 1.6, 2));
            var change = 64 * Math.Sign(_dice.Uniform() - 0.5) * (Math.Abs(x + y) < 12 ? 1 : 0);
            (clean[i], adversarial[i], difference[i]) = ((byte)ring, (byte)Math.Clamp(ring + change, 0, 255), (byte)(128 + change * 127 / 64));
        }
        return new ExampleImage
        {
            Defense = result.Name, Attack = "PGD, EOT 10", Epsilon = Strengths[^1], Index = 3 + number, Label = "0", CleanPrediction = "0",
            AdversarialPrediction = number == 7 ? "0" : "6", SuccessRate = number == 7 ? 0.35 : 0.95, Channels = 1, Height = Size, Width = Size,
            Clean = clean, Adversarial = adversarial, Difference = difference, DifferenceScale = Strengths[^1],
        };
    }
}
