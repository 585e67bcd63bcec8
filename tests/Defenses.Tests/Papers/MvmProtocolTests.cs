using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>The detection experiment of the MVM paper.</summary>
public sealed class MvmProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mvm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_goes_on_after_a_stop_ends_with_the_same_page()
    {
        using var data = await SmokeRun.Data(5, 600, 100);
        var whole = Run(data, "whole");
        whole.Page.Sections[0].Tables[0].Rows.Select(row => row.Name).Should().Equal(
            "MVM, c = N/2", "MVM, c = N", "MVM, c = 2N", "SAP, 50 %", "dropout 0.5", MvmRivals.Feinman, MvmRivals.Dimensionality, MvmRivals.MagNet,
                MvmRivals.Rebuilt, MvmRivals.Diverging);
        var steps = Directory.GetFiles(Path.Combine(_folder, "whole", "steps")).Order().ToArray();
        foreach (var lost in steps.Where((_, i) => i % 3 == 0)) File.Delete(lost);
        Run(data, "whole").Page.ToMarkdown().Should().Be(whole.Page.ToMarkdown(), "what was lost is found again");
        Leaks.None(() => Run(data, "whole").Page.ToMarkdown().Should().Be(whole.Page.ToMarkdown(), "everything is read back"));
    }

    [Theory]
    [InlineData("fashion-mnist", "the MNIST network", 784)]
    [InlineData("cifar10", "colours", 1024)]
    public void Networks_and_attacks_fit_the_data_set(string key, string what, int pixels)
    {
        using var data = Sets.Noise(key, isColor: pixels == 1024);
        var task = MvmTask.For(data);
        task.Pixels.Should().Be(pixels, what);
        task.Activations[^1].Should().Be(task.Hidden);
        using var network = task.Network(1);
        network.named_modules().Select(module => module.name).Should().Contain(task.Sampled).And.Contain(task.Hidden);
        using var images = data.Test.Images(0, 2);
        using var logits = network.call(images);
        logits.shape.Should().Equal(2, 10);
        (task.Areas.Count == 0).Should().Be(key == "fashion-mnist", "the paper has no Fashion-MNIST");
    }

    [Fact]
    public void Rates_at_a_threshold_are_counted_on_the_other_half()
    {
        var results = Results(("row", MvmMeasurement.Clean, [.. Enumerable.Range(0, 20), .. Enumerable.Repeat(18.5, 20)]),
            ("row", "FGSM", [.. Enumerable.Repeat(99.0, 20), .. Enumerable.Repeat(0.0, 5), .. Enumerable.Repeat(19.5, 15)]));
        var (found, alarms) = results.At("row", "FGSM", 0.05);   // the threshold is 18: one of twenty lies above it
        (found.Successes, found.Trials).Should().Be((15, 20));
        (alarms.Successes, alarms.Trials).Should().Be((20, 20));
        (found, alarms) = results.At("row", "FGSM", 0.01);   // 19: none does
        (found.Successes, alarms.Successes).Should().Be((15, 0));
    }

    // Two numbers that only together tell the first half apart; in the second half they tell nothing.
    [Fact]
    public void A_fitted_row_is_judged_on_images_that_it_was_not_fitted_to()
    {
        var row = new MvmRow("both", Never, IsFitted: true, new Dictionary<string, double>());
        var results = new MvmResults();
        double[] Pair(int i, double gap) => [i % 7, -(i % 7) + gap];
        results.Add(row, MvmMeasurement.Clean, [.. Enumerable.Range(0, 40).Select(i => Pair(i, i < 20 ? 0 : i % 2))]);
        results.Add(row, "FGSM", [.. Enumerable.Range(0, 40).Select(i => Pair(i, i < 20 ? 1 : i % 2))]);
        results.Judged("both").Should().Be(20);
        results.Curve("both", "FGSM").Auc.Should().BeApproximately(0.5, 1e-9);
        (results.Curve("both", "FGSM").Clean, results.Curve("both", "FGSM").Attacked).Should().Be((20, 20));
    }

    [Fact]
    public void Rows_of_different_lengths_are_compared_on_the_images_that_both_have()
    {
        double[] low = [.. Enumerable.Range(0, 30)], high = [.. Enumerable.Range(0, 30).Select(i => 100.0 + i)];
        var results = Results(
            ("long", MvmMeasurement.Clean, [.. low, .. high]), ("long", "FGSM", [.. high, .. low]), ("short", MvmMeasurement.Clean, low),
                ("short", "FGSM", low));
        results.Gain("long", "short", "FGSM").Value.Should().BeApproximately(0.5, 1e-9, "on the first 30 the long one is perfect and the short one blind");
        results.Curve("long", "FGSM").Auc.Should().BeApproximately(0.5, 1e-9);
    }

    [Fact]
    public void An_order_that_contradicts_the_paper_is_a_finding()
    {
        double[] low = [.. Enumerable.Range(0, 60)], high = [.. Enumerable.Range(0, 60).Select(i => 50.0 + i)];
        Findings(Both(high, low)).Should().NotContain(finding => finding.Title.Contains("reversed"), "the smallest c is the best, as in the paper");
        Findings(Both(low, high)).Where(finding => finding.Title.Contains("reversed")).Should().HaveCount(3).And.OnlyContain(finding =>
            finding.Severity == Severity.Warning);
    }

    [Fact]
    public void The_paper_s_best_number_of_samples_is_the_one_that_is_attacked()
    {
        using var grey = Sets.Noise("mnist", isColor: false);
        using var colour = Sets.Noise("cifar10", isColor: true);
        foreach (var task in new[] { MvmTask.For(grey), MvmTask.For(colour) })
            task.Areas.Where(row => row.Key.StartsWith("MVM", StringComparison.Ordinal)).MaxBy(row => row.Value.Average()).Key.Should().Be(task.Guard);
    }

    [Fact]
    public void The_penalty_is_a_hundredth_of_the_squared_weights_and_biases_of_the_hidden_dense_layers()
    {
        using var data = Sets.Noise("cifar10", isColor: true);
        var task = MvmTask.For(data);
        using var network = task.Network(1);
        network.eval();
        using var scope = NewDisposeScope();
        var (images, labels, random) = (data.Test.Images(0, 4), data.Test.Labels.narrow(0, 0, 4), new RandomSource(1));
        var (penalised, plain) = (new MvmPenalty(task.Penalised).Compute(network, images, labels, random), new CrossEntropyObjective()
            .Compute(network, images, labels, random));
        var squares = network.named_parameters().Where(one => one.name is "fc1.weight" or "fc1.bias" or "fc2.weight" or "fc2.bias")
            .Select(one => one.parameter.pow(2).sum().ToDouble()).ToArray();
        squares.Should().HaveCount(4);
        (penalised.Loss - plain.Loss).ToDouble().Should().BeApproximately(0.01 * squares.Sum(), 1e-4 * squares.Sum());
        (penalised.Logits - plain.Logits).abs().max().ToDouble().Should().Be(0);
    }

    [Theory]
    [InlineData(0.0, true)]     // fooled, and as clean as clean images look
    [InlineData(99.0, false)]   // fooled, and seen
    public void A_detector_that_is_passed_is_called_so_and_one_that_is_not_is_not(double score, bool passed)
    {
        double[] low = [.. Enumerable.Range(0, 60)], high = [.. Enumerable.Range(0, 60).Select(i => 60.0 + i)];
        var results = Both(high, low);
        foreach (var name in MvmAdaptive.Names) results.Unseen = new Dictionary<string,
            DetectionOutcome>(results.Unseen) { [name] = new([.. Enumerable.Repeat(true, 30)], [.. Enumerable.Repeat(score, 30)]) };
        Findings(results).Any(finding => finding.Severity == Severity.Warning && finding.Title.Contains("does not stop")).Should().Be(passed);
        Findings(results).Any(finding => finding.Title.Contains("no more often")).Should().Be(!passed);
    }

    // The paper's attacks are always found here; each of the others passes or not.
    [Theory]
    [InlineData(true, false, "100\u202F%, one that knows the detector on 0\u202F%", "an attacker who goes on when the image is misread.")]
    [InlineData(false, true, "0\u202F%, one that knows the detector on 100\u202F%", "an attacker who knows of it.")]
    [InlineData(true, true, "100\u202F%, one that knows the detector on 100\u202F%", "misread, or who knows of it.")]
    [InlineData(false, false, "0\u202F%, one that knows the detector on 0\u202F%", "stronger ones may.")]
    public void The_page_says_first_which_attacks_pass_the_detector(bool overshooting, bool knowing, string title, string lead)
    {
        var results = Both([.. Enumerable.Range(0, 60).Select(i => 60.0 + i)], [.. Enumerable.Range(0, 60)]);
        DetectionOutcome Outcome(bool passes) => new([.. Enumerable.Repeat(true, 30)], [.. Enumerable.Repeat(passes ? 0.0 : 99, 30)]);
        results.Unseen = new Dictionary<string, DetectionOutcome>
        {
            [MvmAdaptive.Overshooting] = Outcome(overshooting), [MvmAdaptive.Knowing] = Outcome(knowing),
        };
        var page = Page(results);
        page.Title.Should().Be("The paper's attacks pass the detector on at most 0\u202F% of the images, one that goes on when the image is misread on "
            + title);
        page.Lead[^1].Should().EndWith(lead);
        page.Findings.Count(finding => finding.Title.StartsWith("The detector does not stop an attack that")).Should()
            .Be((overshooting ? 1 : 0) + (knowing ? 1 : 0));
    }

    private static MvmResults Both(double[] half, double[] twice)
    {
        double[] low = [.. Enumerable.Range(0, 60)];
        var results = Results([
            .. MvmAttacks.Names.SelectMany(attack => new[] { (MvmDetectors.Half, attack, half), (MvmDetectors.Whole, attack, half),
                (MvmDetectors.Double, attack, twice), (MvmRivals.Feinman, attack, half) }),
            .. new[] { MvmDetectors.Half, MvmDetectors.Whole, MvmDetectors.Double, MvmRivals.Feinman }.Select(row => (row, MvmMeasurement.Clean, low))]);
        foreach (var attack in MvmAttacks.Names) results.Add(attack, new AttackOutcome([.. Enumerable.Repeat(true, 60)], [.. Enumerable.Repeat(1.0, 60)]));
        results.Unseen = MvmAdaptive.Names.ToDictionary(name => name, _ => new DetectionOutcome([.. Enumerable.Repeat(true, 30)],
            [.. Enumerable.Repeat(1.0, 30)]));
        return results;
    }

    private ProtocolReport Run(RunData data, string name)
    {
        var protocol = new MvmProtocol();
        return protocol.Run(SmokeRun.Context(protocol, 5, data, Path.Combine(_folder, name)));
    }

    private static IReadOnlyList<Finding> Findings(MvmResults results) => Page(results).Findings;

    private static Page Page(MvmResults results)
    {
        using var data = Sets.Noise("mnist", isColor: false);
        var task = MvmTask.For(data);
        MvmRow[] rows =
        [
            .. new[] { MvmDetectors.Half, MvmDetectors.Whole, MvmDetectors.Double, MvmRivals.Feinman }.Select(name => new MvmRow(
                name, Never, IsFitted: false, task.Areas.TryGetValue(name, out var areas) ? MvmAttacks.Names.Zip(areas).ToDictionary(pair => pair.First,
                    pair => pair.Second) : [])),
        ];
        return new MvmPage(MvmSizes.Of("smoke", isColor: false), task, data, new Accuracy(9, 10), rows, results).Make();
    }

    private static MvmResults Results(params (string Row, string Kind, double[] Scores)[] scores)
    {
        var results = new MvmResults();
        foreach (var (row, kind, values) in scores)
            results.Add(new MvmRow(row, Never, IsFitted: false, new Dictionary<string, double>()), kind, [.. values.Select(value => new[] { value })]);
        return results;
    }

    private static double[][] Never(Tensor images, ulong seed, CancellationToken stop) => throw new InvalidOperationException();
}
