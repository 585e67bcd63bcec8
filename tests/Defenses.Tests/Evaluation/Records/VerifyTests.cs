using System.Text.Json.Nodes;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>A record is judged again; whatever was changed in it is found, also where the hashes were made to fit.</summary>
public sealed class VerifyTests
{
    [Fact]
    public void A_record_is_reproduced_with_equal_counts_on_the_same_machine()
    {
        using var grid = new RecordedGrid();
        foreach (var folder in new[] { grid.None, grid.Jitter })
        {
            var found = grid.Verify(folder);
            found.Differences.Should().BeEmpty();
            (found.IsReproduced, found.HasSameArithmetic).Should().Be((true, true));
            (found.EqualCases, found.Cases).Should().Be((found.Cases, folder == grid.None ? 4 : 10), "clean, null, and the attacks and worst cases");
            found.Rates.Should().OnlyContain(rate => rate.Found == rate.Recorded.Rate);
            found.Rates.Any(rate => rate.Fresh is not null).Should().Be(folder == grid.Jitter);
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var grid = new RecordedGrid();
        Leaks.None(() => grid.Verify(grid.Jitter));
    }

    [Fact]
    public void It_tells_how_far_it_is_stops_when_asked_and_refuses_a_network_in_training()
    {
        using var grid = new RecordedGrid();
        var record = EvaluationRecord.Open(grid.Jitter);
        var told = new List<double>();
        record.Verify(grid.ModelOf(grid.Jitter), seed: 1, new Told(told.Add));
        told.Should().HaveCount(10).And.BeInAscendingOrder().And.EndWith(1.0);
        record.Invoking(of => of.Verify(grid.ModelOf(grid.Jitter), cancellation: new CancellationToken(canceled: true))).Should()
            .Throw<OperationCanceledException>();
        var network = ((Classifier)grid.ModelOf(grid.Jitter)).Network;
        network.train();
        record.Invoking(of => of.Verify(grid.ModelOf(grid.Jitter))).Should().Throw<InvalidOperationException>().WithMessage("*training mode*");
        record.Invoking(of => of.Verify(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => (record with { Name = "x" }).ToJson()).Should().NotThrow();
        FluentActions.Invoking(() => EvaluationRecord.FromJson(record.ToJson()).ReadImages()).Should().Throw<InvalidOperationException>()
            .WithMessage("*EvaluationRecord.Open*");
    }

    [Theory]
    [InlineData("images.npy")]
    [InlineData("labels.npy")]
    [InlineData("attacks/03.npy")]
    [InlineData("record.json")]
    public void A_changed_file_is_named(string name)
    {
        using var grid = new RecordedGrid();
        Flip(Path.Combine(grid.Jitter, name), name == "record.json" ? (byte)' ' : null);
        grid.Verify(grid.Jitter).Differences.Should().Contain(each => each.Kind == "files" && each.Text.Contains($"{name} was changed"));
    }

    [Fact]
    public void A_missing_and_an_added_file_and_a_missing_manifest_are_named()
    {
        using var grid = new RecordedGrid();
        File.WriteAllText(Path.Combine(grid.None, "more.txt"), "more");
        File.Delete(Path.Combine(grid.None, "attacks", "01.npy"));
        grid.Verify(grid.None).Differences.Select(each => each.Text).Should().Contain("attacks/01.npy is missing.")
            .And.Contain("more.txt is not listed in manifest.json.");
        File.Delete(Path.Combine(grid.Jitter, "manifest.json"));
        grid.Verify(grid.Jitter).Differences.Should().ContainSingle().Which.Text.Should().Contain("manifest.json cannot be read");
    }

    [Fact]
    public void Counts_that_were_changed_by_one_are_found_although_the_manifest_fits()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record =>
        {
            var counts = ((string)record["clean"]!["correct"]!).Split(' ');
            counts[2] = counts[2] == "5" ? "4" : $"{int.Parse(counts[2]) + 1}";
            record["clean"]!["correct"] = string.Join(' ', counts);
        });
        grid.Verify(grid.Jitter).Differences.Should().ContainSingle().Which.Should().Match<RecordDifference>(each => each.Kind == "counts"
            && each.Text.StartsWith("no attack: 1 images have other counts although the arithmetic is the same; image 2 "));
    }

    [Fact]
    public void A_rate_that_is_not_reproduced_is_named_with_its_interval_also_by_other_arithmetic()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record =>
        {
            record["model"]!["arithmetic"] = null;   // as if another machine had made it
            var best = string.Join(' ', Enumerable.Repeat("5", 9));
            record["worst"]![1]!["counts"]!["correct"] = best;
            for (var attack = 3; attack < 6; attack++) record["attacks"]![attack]!["counts"]!["correct"] = best;
            record["worst"]![1]!["chosen"] = string.Join(' ', Enumerable.Repeat("0", 9));
        });
        var found = grid.Verify(grid.Jitter);
        found.HasSameArithmetic.Should().BeFalse();
        found.Differences.Should().Contain(each => each.Kind == "rate" && each.Text.StartsWith("worst attack at ε = 0.22, one answer: recorded 100.0 % ["));
        found.Differences.Should().Contain(each => each.Kind == "fresh draws");
    }

    [Fact]
    public void Rates_by_other_arithmetic_that_lie_in_their_intervals_are_reproduced()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record =>
        {
            record["model"]!["arithmetic"] = new string('0', 64);
            record["clean"]!["seed"] = "12345";   // other draws, as another machine's arithmetic may have
        });
        var found = grid.Verify(grid.Jitter);
        (found.IsReproduced, found.HasSameArithmetic).Should().Be((true, false));
    }

    [Theory]
    [InlineData(1, 50, 0.0, true)]      // [0.05, 10.6] %: one image that a machine answers otherwise
    [InlineData(1, 50, 0.12, true)]
    [InlineData(1, 50, 0.14, false)]
    [InlineData(49, 50, 1.0, true)]
    [InlineData(25, 50, 0.36, true)]    // [35.5, 64.5] %
    [InlineData(25, 50, 0.33, false)]
    [InlineData(0.4, 50, 0.0, true)]
    public void A_rate_holds_within_its_interval_in_whole_images(double successes, long images, double found, bool holds) =>
        RecordVerifier.Holds(new Defenses.Statistics.Proportion(successes, images), found).Should().Be(holds);

    [Fact]
    public void Images_outside_of_the_budget_are_found_although_the_manifest_fits()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.None, record =>
        {
            record["settings"]!["strengths"]![0] = 0.03;   // a smaller budget than the attack had
            record["settings"]!["headline"] = 0.22;
            foreach (var part in new[] { record["attacks"]![0]!, record["worst"]![0]! }) part["epsilon"] = 0.03;
        });
        grid.Verify(grid.None).Differences.Should().Contain(each => each.Kind == "budget" && each.Text.StartsWith("9 images of FGSM at ε = 0.03 lie outside"));
    }

    [Fact]
    public void Changed_labels_are_found_although_the_manifest_fits()
    {
        using var grid = new RecordedGrid();
        using (var labels = ones(9, ScalarType.Int64)) NpyFile.Write(Path.Combine(grid.None, "labels.npy"), labels);
        RecordManifest.Write(grid.None);
        var kinds = grid.Verify(grid.None).Differences.Select(each => each.Kind).ToHashSet();
        kinds.Should().Contain(["images", "counts"]).And.NotContain("files");
    }

    [Fact]
    public void Labels_that_the_model_does_not_have_are_named()
    {
        using var grid = new RecordedGrid();
        using (var labels = full([9], 2, ScalarType.Int64)) NpyFile.Write(Path.Combine(grid.None, "labels.npy"), labels);
        grid.Verify(grid.None).Differences.Should().Contain(each => each.Text.Contains("labels must lie in 0 to 1"));
    }

    [Fact]
    public void A_worst_attack_that_does_not_follow_from_the_counts_is_named()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record => record["worst"]![0]!["chosen"] = "2 2 2 2 2 2 2 2 2");
        grid.Verify(grid.Jitter).Differences.Should().Contain(each => each.Kind == "choice");
    }

    [Fact]
    public void Another_model_other_layers_and_other_bounds_are_named()
    {
        using var grid = new RecordedGrid();
        using var quieter = new Grid(std: 0.01);
        EvaluationRecord.Open(grid.None).Verify(grid.ModelOf(grid.Jitter), seed: 1).Differences.Where(each => each.Kind == "model").Select(each => each.Text)
            .Should().Contain("the model is random, and was deterministic.").And.Contain(text => text.StartsWith("the model is made of other layers"));
        var quiet = EvaluationRecord.Open(grid.Jitter).Verify(quieter.Defenses[1].Model, seed: 1);
        quiet.HasSameArithmetic.Should().BeFalse("the noise is another one");
        quiet.EqualCases.Should().BeLessThan(quiet.Cases);
        using var wide = new Threshold();
        EvaluationRecord.Open(grid.None).Verify(new Classifier(wide, new Bounds(0, 255))).Differences.Should().ContainSingle().Which.Text.Should()
            .Contain("bounds");
    }

    [Fact]
    public void Other_weights_are_named()
    {
        using var folder = new TemporaryFolder();
        using var network = Trained();
        var (x, labels) = Threshold.Data(0.1, 0.9, 0.3, 0.8);
        using var images = x;
        using var classes = labels;
        new RobustnessEvaluation([new DefenseEntry("linear", new Classifier(network, Bounds.Unit))], [Grid.Attacks[0]], [0.1]) { RecordFolder = folder.Path }
            .Run(LabeledImages.From(x, labels));
        var record = EvaluationRecord.Open(Path.Combine(folder.Path, "linear"));
        record.Verify(new Classifier(network, Bounds.Unit)).IsReproduced.Should().BeTrue();
        using (no_grad()) network.parameters().First().mul_(1.0001f);
        record.Verify(new Classifier(network, Bounds.Unit)).Differences.Should().Contain(each => each.Text.Contains("other weights"));
    }

    [Fact]
    public void A_null_attack_that_costs_something_is_named()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record => record["null"]!["correct"] = "0 0 0 0 0 0 0 0 0");
        grid.Verify(grid.Jitter).Differences.Should().Contain(each => each.Kind == "null attack");
    }

    [Theory]
    [InlineData("clean.correct", "1 2 3", "a count from 0 to 5")]
    [InlineData("clean.correct", "9 9 9 9 9 9 9 9 9", "a count from 0 to 5")]
    [InlineData("clean.correct", "1 x", "whole numbers")]
    [InlineData("settings.norm", "L7", "norm 'L7'")]
    [InlineData("schema", "defenses.record/9", "defenses.record/9")]
    public void A_record_that_contradicts_itself_is_refused(string path, string value, string named)
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.Jitter, record =>
        {
            var parts = path.Split('.');
            var at = parts.SkipLast(1).Aggregate(record, (node, part) => node[part]!);
            at[parts[^1]] = JsonValue.Create(value);
        });
        FluentActions.Invoking(() => EvaluationRecord.Open(grid.Jitter)).Should().Throw<InvalidDataException>().WithMessage($"*{named}*");
    }

    [Fact]
    public void A_file_outside_of_the_record_is_refused()
    {
        using var grid = new RecordedGrid();
        RecordedGrid.Forge(grid.None, record => record["attacks"]![0]!["file"] = "attacks/../../secret.npy");
        FluentActions.Invoking(() => EvaluationRecord.Open(grid.None)).Should().Throw<InvalidDataException>().WithMessage("*secret.npy*");
        FluentActions.Invoking(() => EvaluationRecord.Open(grid.Folder)).Should().Throw<FileNotFoundException>().WithMessage("*no record*");
    }

    [Fact]
    public void A_torn_array_is_named_and_the_rest_is_judged()
    {
        using var grid = new RecordedGrid();
        var path = Path.Combine(grid.Jitter, "attacks", "02.npy");
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..100]);
        var found = grid.Verify(grid.Jitter);
        found.Differences.Should().Contain(each => each.Text.Contains("02.npy") && each.Text.Contains("whole .npy file"));
        found.Cases.Should().Be(9);
    }

    private sealed class Told(Action<double> tell) : IProgress<double>
    {
        public void Report(double value) => tell(value);
    }

    // A network with weights that tells light from dark.
    private static nn.Module<Tensor, Tensor> Trained()
    {
        var linear = nn.Linear(16, 2, hasBias: true);
        using (no_grad())
        {
            linear.weight!.zero_();
            linear.weight![1].fill_(1);
            linear.bias!.zero_();
            linear.bias![1].fill_(-8);
        }
        var network = nn.Sequential(("flat", nn.Flatten()), ("linear", linear));
        network.eval();
        return network;
    }

    // Changes the last byte, or adds one.
    private static void Flip(string path, byte? added)
    {
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, added is { } more ? [.. bytes, more] : [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]);
    }
}
