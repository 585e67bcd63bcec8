using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>The HRS paper's experiments, at their smallest.</summary>
public sealed class HrsProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hrs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Its_page_holds_every_table_says_that_a_smoke_run_proves_nothing_and_is_the_same_after_a_stop()
    {
        using var data = await SmokeRun.Data(3, 200, 100);
        var page = SmokeRun.EndsAlikeWhenItsEndIsLost(() => new HrsProtocol().Run(Context(data)), _folder).Page;
        page.Sections.Should().HaveCount(8);
        page.Sections[0].Title.Should().Contain("claims");
        page.Sections[0].Tables.SelectMany(table => table.Rows).Should().NotBeEmpty().And.OnlyContain(row =>
            row.Cells.Last().Text == PaperClaim.NotDecided, "the networks have learnt nothing");
        page.Findings.Should().Contain(finding => finding.Title == "Few images");
        page.ToMarkdown().Should().Contain("Table A2").And.Contain("Mean DES").And.Contain("ARC, all paths").And.Contain("Targets reached").And.NotContain(
            "NaN")
            .And.Contain("C&W in L2").And.Contain("adv. training").And.Contain("transfer");
    }

    // Colour images from nothing: reprogramming is part of the run, its task the synthetic digits.
    [Fact]
    public void On_colour_images_the_network_is_reprogrammed_and_judged_as_deployed()
    {
        var size = HrsSizes.Of("smoke", isColor: true);
        using var data = RunData.Of("cifar10", Colours(150, 1), Colours(60, 2));
        var context = Context(data);
        using var networks = new HrsNetworks(context, size);
        using var task = context.Other("synthetic")!;
        var before = Leaks.Live();
        var defense = new HrsDefense("HRS", "HRS", 2, networks.Switching(2, 2));
        var made = Leaks.Live() - before;
        var programs = new HrsReprogramming(context, size, task).Measure(defense).ToArray();
        (Leaks.Live() - before - made).Should().Be(0);
        programs.Select(program => program.Setting).Should().Equal("one draw", "all paths");
        programs.Should().OnlyContain(program => !program.IsOnMnist && program.Task == "Synthetic digits test set");
        var smaller = new HrsReprogramming(context, size, RunData.Of("mnist", task.Train, task.Test)).Measure(defense, kernel: 2).ToArray();
        smaller.Should().OnlyContain(program => program.IsOnMnist);
        smaller.Select(program => program.With).Should().Equal("one draw, kernel 2", "all paths, kernel 2");
        long Saved(string name) => new FileInfo(Directory.GetFiles(_folder, $"HRS {name}.checkpoint", SearchOption.AllDirectories).Single()).Length;
        Saved("one draw, kernel 2").Should().BeLessThan(Saved("one draw, synthetic"), "a smaller kernel has fewer weights");
        var steps = Directory.GetFiles(_folder, "reprogramming_of_HRS__*", SearchOption.AllDirectories);
        steps.Select(path => Path.GetFileName(path)[..^"-01234567.json".Length]).Should().BeEquivalentTo(
            ["reprogramming_of_HRS__one_draw__synthetic", "reprogramming_of_HRS__all_paths__synthetic", "reprogramming_of_HRS__one_draw__kernel_2",
                "reprogramming_of_HRS__all_paths__kernel_2"], "a resumed run does not take other digits for MNIST");
        foreach (var program in programs)
        {
            program.Accuracy.Trials.Should().Be(size.Reprogramming.Test);
            program.Epochs.Should().HaveCount(size.Reprogramming.Epochs).And.OnlyContain(accuracy => accuracy >= 0 && accuracy <= 1);
        }
    }

    // Deterministic network and attack: which block an image is in cannot matter.
    [Fact]
    public async Task More_images_than_a_block_holds_are_attacked_block_by_block_with_the_same_result()
    {
        using var data = await SmokeRun.Data(3, 20, 100);
        using var network = nn.Sequential(("flat", nn.Flatten()), ("linear", new LinearModel(784, 10)));
        network.eval();
        var defense = new HrsDefense("base", "base", 0, network);
        HrsMeasurement Measure(int images) => new(SmokeRun.Context(new HrsProtocol(), 3, data, Path.Combine(_folder, $"{images}")),
            HrsSizes.Of("smoke", isColor: false, images));
        var attack = HrsAttack.Plain(HrsSizes.Of("smoke", isColor: false))[0];
        var (few, many) = (Measure(HrsMeasurement.Block).Targeted(defense, attack, 1), Measure(2 * HrsMeasurement.Block + 1).Targeted(defense, attack, 1));
        many.Success.Should().HaveCount(2 * HrsMeasurement.Block + 1);
        many.Success.Take(HrsMeasurement.Block).Should().Equal(few.Success);
        many.Success.Should().Contain(success => success > 0).And.Contain(success => success < 1);
        Directory.GetFiles(Path.Combine(_folder, $"{2 * HrsMeasurement.Block + 1}"), "*part*", SearchOption.AllDirectories).Should().HaveCount(3);
        Measure(HrsMeasurement.Block + 1).Untargeted(defense, "FGSM", attack.Make, defense.Model, 1).Success.Take(HrsMeasurement.Block)
            .Should().Equal(Measure(HrsMeasurement.Block).Untargeted(defense, "FGSM", attack.Make, defense.Model, 1).Success);
    }

    [Fact]
    public void Worst_takes_for_each_image_the_attack_that_reaches_most()
    {
        var network = new HrsDefense("base", "base", 0, TorchSharp.torch.nn.Identity());
        var results = new HrsResults
        {
            Defenses = [network], Strengths = [8, 16], Accuracy = new Dictionary<string, Defenses.Statistics.Proportion> { ["base"] = new(9, 10) },
            Paths = default,
            Gradients = new Dictionary<string, Defenses.Metrics.GradientDeviationResult>(),
            Cells = new Dictionary<(string, string, string, int), SuccessRates>
            {
                [("base", "FGSM", "published", 16)] = new([1, 0, 0.5]), [("base", "PGD", "published", 16)] = new([0, 0.25, 0.5]),
                [("base", "PGD", "published", 8)] = new([1, 1, 1]),
            },
        };
        results.Worst(network).Rate.Should().BeApproximately((0 + 0.75 + 0.5) / 3, 1e-12);
        results.IsUntrained.Should().BeFalse();
    }

    private static DataSet Colours(int count, ulong seed)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomSource(seed);
        var pixels = (random.Uniform(empty(count, 3, 32, 32)) * 255).to_type(ScalarType.Byte);
        return new DataSet("colours", pixels, arange(count, dtype: ScalarType.Int64).remainder(10), [.. Enumerable.Range(0, 10).Select(number => $"{number}")]);
    }

    private ProtocolContext Context(RunData data) => SmokeRun.Context(new HrsProtocol(), 3, data, _folder);
}
