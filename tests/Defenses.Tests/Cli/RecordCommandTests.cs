using System.Text.Json.Nodes;
using Defenses.Attacks;
using Defenses.Cli;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Evaluation;
using Defenses.Tests.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Cli;

/// <summary>Records on the command line: kept, judged again by what they hold, and made better by others.</summary>
public sealed class RecordCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("records-").FullName;

    public static TheoryData<string> Recipes => [.. DefenseRecipe.All.Concat(DefenseRecipe.Trained).Select(recipe => recipe.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_record_of_every_defense_is_verified_by_what_it_holds(string name)
    {
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(3);
        VerifiedByWhatItHolds(name, random.Uniform(zeros(2, 1, 28, 28)));
    }

    [Theory]
    [InlineData("Gaussian noise")]
    [InlineData("HRS")]
    public void A_record_of_a_narrower_network_for_colour_images_is_verified_by_what_it_holds(string name)
    {
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(3);
        VerifiedByWhatItHolds(name, random.Uniform(zeros(2, 3, 32, 32)));
    }

    private void VerifiedByWhatItHolds(string name, Tensor images)
    {
        using var builder = new UntrainedBuilder(images);
        var recipe = DefenseRecipe.Find(name);
        var network = recipe.Make(builder);
        Record(new DefenseEntry(name, new Classifier(network, Bounds.Unit)) { Recipe = RecordRecipe.Of(recipe, network, builder) }, images);
        var record = EvaluationRecord.Open(EvaluationRecord.FoldersIn(_folder).Single());
        using var model = RebuiltModel.Open(record);
        var found = record.Verify(model.View, seed: 1);
        found.Differences.Should().BeEmpty();
        (found.HasSameArithmetic, found.EqualCases).Should().Be((true, found.Cases));
    }

    [Fact]
    public void An_evaluated_model_is_verified_and_a_changed_record_is_caught()
    {
        using var model = new TryableModel();
        var records = Path.Combine(_folder, "records");
        var (code, output) = Tool.Start(_folder, "evaluate", "--model", model.At("good.safetensors"), "--network", "lenet-like", "--dataset", "synthetic",
            "--images", "6", "--attack", "fgsm", "--epsilon", "0.1", "--eot", "1", "--draws", "2", "--threads", "1", "--record", records).Finish();
        code.Should().Be(0, output);
        var record = EvaluationRecord.FoldersIn(records).Single();
        (code, output) = Tool.Start(_folder, "verify", records, "--threads", "1", "--out", "verified").Finish();
        code.Should().Be(0, output);
        output.Should().Contain("1 of 1 records are reproduced");
        var told = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "verified", "verification.json")))!["records"]![0]!;
        ((bool)told["isReproduced"]!).Should().BeTrue();
        File.AppendAllText(Path.Combine(record, "model", RecordRecipe.Weights), " ");
        (code, output) = Tool.Call("verify", records, "--threads", "1");
        code.Should().Be(VerifyRun.Different);
    }

    [Fact]
    public void Images_by_others_enter_a_record_as_npy()
    {
        using var scope = NewDisposeScope();
        using var random = new Defenses.Randomness.RandomSource(3);
        var images = random.Uniform(zeros(2, 1, 28, 28));
        using var builder = new UntrainedBuilder(images);
        var network = builder.Base();
        Record(new DefenseEntry("base", new Classifier(network, Bounds.Unit)) { Recipe = RecordRecipe.Of(DefenseRecipe.All[0], network, builder) }, images);
        NpyFile.Write(Path.Combine(_folder, "mine.npy"), images + 0.05 * (0.5 - images).sign());
        var (record, next) = (Path.Combine(_folder, "base"), Path.Combine(_folder, "next"));
        Tool.Call("submit", record, "--adversarial", Path.Combine(_folder, "mine.npy"), "--name", "towards grey", "--by", "me", "--out", next, "--threads", "1")
            .Code.Should().Be(0);
        var added = EvaluationRecord.Open(next).Attacks[^1];
        (added.Attack, added.SubmittedBy, added.OutsideBudget).Should().Be(("towards grey", "me", 0L));
        Tool.Call("verify", _folder, "--threads", "1").Code.Should().Be(0);
    }

    [Theory]
    [InlineData("verify @/nothing", "no record")]
    [InlineData("submit @/nothing --adversarial x.npy --name x --out @/out", "no record")]
    public void What_is_no_record_is_told(string command, string told)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "nothing"));
        var (code, output) = Tool.Call([.. command.Split(' ').Select(word => word.Replace("@", _folder)), "--threads", "1"]);
        code.Should().Be(1);
        output.Should().Contain(told);
    }

    [Fact]
    public void A_model_of_another_program_is_verified_there()
    {
        using var grid = new RecordedGrid();
        Tool.Call("verify", grid.None, "--threads", "1").Code.Should().Be(VerifyRun.Different);
        FluentActions.Invoking(() => RebuiltModel.Open(EvaluationRecord.Open(grid.None))).Should().Throw<Defenses.Papers.UserError>()
            .WithMessage("*EvaluationRecord.Verify*");
    }

    private void Record(DefenseEntry entry, Tensor images)
    {
        using var labels = tensor(new long[] { 1, 2 });
        new RobustnessEvaluation([entry], [new AttackEntry("noise", epsilon => new Noise(epsilon))], [0.1])
        {
            Draws = 2, Seed = 1, Checks = [], RecordFolder = _folder,
        }.Run(LabeledImages.From(images, labels, "noise"));
    }
}
