using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>What an evaluation keeps as records, and what a record says.</summary>
public sealed class RecordTests
{
    [Fact]
    public void A_record_of_each_defense_has_the_rates_of_the_report()
    {
        using var grid = new RecordedGrid();
        EvaluationRecord.FoldersIn(grid.Folder).Should().Equal(grid.Jitter, grid.None);
        foreach (var (number, folder) in new[] { grid.None, grid.Jitter }.Index())
        {
            var (record, told) = (EvaluationRecord.Open(folder), grid.Report.Defenses[number]);
            record.Name.Should().Be(told.Name);
            record.Description.Should().Be(told.Description);
            record.Settings.Should().BeEquivalentTo(grid.Report.Settings);
            record.Model.IsRandom.Should().Be(told.IsRandom);
            record.Accuracy(record.Clean).Should().Be(told.Accuracy);
            foreach (var strength in told.Strengths)
            {
                record.Accuracy(record.Worst.Single(worst => worst.Epsilon == strength.Epsilon).Counts).Should().Be(strength.Worst.Accuracy);
                foreach (var cell in strength.Cells.Where(cell => cell.SameAs is null))
                    record.Accuracy(record.Attacks.Single(attack => attack.Epsilon == strength.Epsilon && attack.View == cell.View).Counts).Should()
                        .Be(cell.Outcome.Accuracy);
            }
        }
    }

    [Fact]
    public void A_record_holds_the_images_and_adversarial_images_within_the_budget()
    {
        using var grid = new RecordedGrid();
        using var scope = NewDisposeScope();
        var record = EvaluationRecord.Open(grid.Jitter);
        var (x, labels) = (record.ReadImages(), record.ReadLabels());
        x.shape.Should().Equal(9, 1, 4, 4);
        labels.data<long>().ToArray().Should().Equal(0, 0, 0, 1, 1, 1, 0, 0, 1);
        record.Attacks.Should().HaveCount(6, "three attacks at two budgets");
        foreach (var attack in record.Attacks)
            (record.ReadAdversarial(attack) - x).abs().max().ToDouble().Should().BeApproximately(attack.Epsilon, 1e-6, "FGSM takes the whole budget");
        record.Attacks.Select(attack => attack.File).Should().OnlyHaveUniqueItems();
        Path.GetFileName(record.Folder).Should().Be("jitter");
        record.Id.Should().HaveLength(64);
    }

    [Fact]
    public void A_record_names_the_layers_with_their_settings()
    {
        using var grid = new RecordedGrid();
        EvaluationRecord.Open(grid.Jitter).Model.Graph.Should().ContainSingle(line => line.StartsWith("jitter: Jitter (ActiveIn Always"));
    }

    [Fact]
    public void The_hash_of_the_weights_is_that_of_the_zoo()
    {
        using var network = nn.Linear(3, 2);
        RecordedModel.WeightsOf(new Classifier(network, Bounds.Unit)).Should().Be(Defenses.Zoo.WeightFiles.HashWeights(network));
    }

    [Fact]
    public void A_record_that_was_stopped_and_gone_on_with_is_the_same()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var (work, whole, resumed) = (Path.Combine(folder.Path, "work"), Path.Combine(folder.Path, "whole"), Path.Combine(folder.Path, "resumed"));
        Evaluation(grid, whole).Run(grid.Examples);
        using var steps = new Steps(cancelAt: 9);
        FluentActions.Invoking(() => Evaluation(grid, resumed).Run(grid.Examples, work, steps, steps.Token)).Should().Throw<OperationCanceledException>();
        EvaluationRecord.FoldersIn(folder.Path).Should().HaveCount(2, "a record is there when it is whole");
        Evaluation(grid, resumed).Run(grid.Examples, work);
        foreach (var name in new[] { "none", "jitter" }) Bare(resumed, name).Should().Equal(Bare(whole, name));
    }

    [Fact]
    public void Shards_that_are_merged_give_the_same_record()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var (whole, merged) = (Path.Combine(folder.Path, "whole"), Path.Combine(folder.Path, "merged"));
        Evaluation(grid, whole).Run(grid.Examples);
        string[] parts = [Path.Combine(folder.Path, "0"), Path.Combine(folder.Path, "1")];
        foreach (var (index, part) in parts.Index()) Evaluation(grid, merged).RunShard(grid.Examples, new Shard(index, 2), part);
        Evaluation(grid, merged).Merge(grid.Examples, parts);
        Bare(merged, "jitter").Should().Equal(Bare(whole, "jitter"));
    }

    [Fact]
    public void Work_that_kept_no_images_is_done_again_for_a_record()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        grid.Json(folder.Path);
        var report = Evaluation(grid, Path.Combine(folder.Path, "records"), draws: 3).Run(grid.Examples, folder.Path);
        Grid.Bare(report).Should().Be(grid.Json());
        EvaluationRecord.FoldersIn(folder.Path).Should().HaveCount(2);
    }

    [Fact]
    public void An_attack_with_a_goal_of_its_own_is_refused_before_any_work()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var attack = new AttackEntry("to one", epsilon => new Fgsm(epsilon)) { Goal = labels => Goal.Reach(ones_like(labels)) };
        var evaluation = new RobustnessEvaluation(grid.Defenses, [attack], [0.1]) { RecordFolder = folder.Path };
        evaluation.Invoking(of => of.Run(grid.Examples)).Should().Throw<InvalidOperationException>().WithMessage("*'to one'*goal of to one*");
        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Fact]
    public void A_record_of_known_draws_is_refused()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var evaluation = new RobustnessEvaluation(grid.Defenses, Grid.Attacks, [0.1])
        {
            RecordFolder = folder.Path, BlockSize = 1, Threat = new ThreatModel { KnowsDraw = true },
        };
        evaluation.Invoking(of => of.Run(grid.Examples)).Should().Throw<InvalidOperationException>().WithMessage("*RecordFolder*");
    }

    [Fact]
    public void A_folder_that_holds_something_else_is_not_replaced()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "none"));
        File.WriteAllText(Path.Combine(folder.Path, "none", "mine.txt"), "mine");
        Evaluation(grid, folder.Path).Invoking(of => of.Run(grid.Examples)).Should().Throw<IOException>().WithMessage("*none*other files*");
        File.ReadAllText(Path.Combine(folder.Path, "none", "mine.txt")).Should().Be("mine");
    }

    [Theory]
    [InlineData("HRS 5×5", "hrs-5-5")]
    [InlineData("  ", "model")]
    [InlineData("../Über", "ber")]
    public void A_folder_has_a_plain_name(string name, string folder) => RecordWriter.Names([name, name]).Should().Equal(folder, folder + "-2");

    [Fact]
    public void A_recipe_has_plain_names_of_files()
    {
        foreach (var name in new[] { "../weights", "a/b", "", ".hidden", @"a\b" })
            FluentActions.Invoking(() => new RebuildRecipe(new Dictionary<string, string>())
            {
                Files = new Dictionary<string, Action<string>> { [name] = _ => { } },
            }).Should().Throw<ArgumentException>().WithMessage("*plain names*");
    }

    [Fact]
    public void A_record_keeps_the_files_and_the_values_of_the_recipe()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var recipe = new RebuildRecipe(new Dictionary<string, string> { ["network"] = "threshold" })
        {
            Files = new Dictionary<string, Action<string>> { ["weights.txt"] = path => File.WriteAllText(path, "none") },
        };
        new RobustnessEvaluation([new DefenseEntry("none", grid.Defenses[0].Model) { Recipe = recipe }], Grid.Attacks, [0.1])
        {
            Draws = 2, RecordFolder = folder.Path,
        }.Run(grid.Examples);
        var record = EvaluationRecord.Open(Path.Combine(folder.Path, "none"));
        record.Model.Recipe.Should().Equal(recipe.Values);
        File.ReadAllText(record.ModelFile(record.Model.Files.Single())).Should().Be("none");
        record.Invoking(of => of.ModelFile("../record.json")).Should().Throw<ArgumentException>();
    }

    private static RobustnessEvaluation Evaluation(Grid grid, string records, int draws = 3) =>
        new(grid.Defenses, Grid.Attacks, [0.06, 0.22]) { Draws = draws, Seed = 1, BlockSize = 5, Title = "Levels", RecordFolder = records };

    // All that does not differ from run to run.
    private static IEnumerable<string> Bare(string folder, string name)
    {
        var record = EvaluationRecord.Open(Path.Combine(folder, name));
        yield return (record with { Timing = null }).ToJson();
        foreach (var attack in record.Attacks) yield return Convert.ToHexString(File.ReadAllBytes(Path.Combine(folder, name, attack.File)));
    }
}
