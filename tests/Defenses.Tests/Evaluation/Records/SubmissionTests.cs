using Defenses.Evaluation;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>A better attack by others enters as a record, and lowers the line.</summary>
public sealed class SubmissionTests
{
    [Theory]
    [InlineData("none")]
    [InlineData("jitter")]
    public void A_better_attack_lowers_the_line_and_the_new_record_is_reproduced(string name)
    {
        using var grid = new RecordedGrid(draws: 20);
        var (old, next) = (Path.Combine(grid.Folder, name), Path.Combine(grid.Folder, "next"));
        var record = EvaluationRecord.Open(old);
        using var images = Shifted(record, 0.22);
        var submission = new RecordSubmission("push", images, 0.22) { By = "A. Person", How = "towards the other side" };
        var better = record.Submit(submission, grid.ModelOf(old), next, seed: 3);
        better.Attacks.Should().HaveCount(record.Attacks.Count + 1);
        (better.Attacks[^1].SubmittedBy, better.Attacks[^1].FullName).Should().Be(("A. Person", "push"));
        better.Accuracy(better.Worst[1].Counts).MeanDraw.Rate.Should().BeLessThanOrEqualTo(record.Accuracy(record.Worst[1].Counts).MeanDraw.Rate + 0.06);
        better.Worst[0].Should().BeEquivalentTo(record.Worst[0], "the other budget is as it was");
        better.Verify(grid.ModelOf(old), seed: 5).Differences.Should().BeEmpty();
        EvaluationRecord.Open(old).Attacks.Should().HaveCount(record.Attacks.Count, "the old record is as it was");
    }

    [Fact]
    public void A_weak_attack_does_not_move_the_line_of_a_deterministic_model()
    {
        using var grid = new RecordedGrid();
        var record = EvaluationRecord.Open(grid.None);
        using var images = record.ReadImages();
        var same = record.Submit(new RecordSubmission("nothing", images, 0.22), grid.ModelOf(grid.None), Path.Combine(grid.Folder, "next"));
        same.Worst[1].Counts.Correct.Should().Equal(record.Worst[1].Counts.Correct);
    }

    [Fact]
    public void Images_outside_of_the_budget_count_as_no_attack()
    {
        using var grid = new RecordedGrid();
        var record = EvaluationRecord.Open(grid.None);
        using var images = Shifted(record, 0.5);
        var judged = record.Submit(new RecordSubmission("too far", images, 0.22), grid.ModelOf(grid.None), Path.Combine(grid.Folder, "next"));
        judged.Attacks[^1].OutsideBudget.Should().Be(9);
        judged.Attacks[^1].Counts.Correct.Should().Equal(record.Clean.Correct);
        judged.Verify(grid.ModelOf(grid.None)).IsReproduced.Should().BeTrue("the originals stand for them in the record, too");
    }

    [Fact]
    public void What_does_not_fit_the_record_is_refused()
    {
        using var grid = new RecordedGrid();
        var (record, model, folder) = (EvaluationRecord.Open(grid.None), grid.ModelOf(grid.None), Path.Combine(grid.Folder, "next"));
        using var images = record.ReadImages();
        using var few = images.narrow(0, 0, 3);
        using var other = nn.Sequential(("flat", nn.Flatten()), ("linear", nn.Linear(16, 2)));
        other.eval();
        Refused(new RecordSubmission("few", few, 0.22), model, "*shape*");
        Refused(new RecordSubmission("budget", images, 0.5), model, "*budget of the record, 0.06 or 0.22*");
        Refused(new RecordSubmission("FGSM", images, 0.22), model, "*'FGSM'*already*");
        Refused(new RecordSubmission("model", images, 0.22), new Defenses.Models.Classifier(other, Defenses.Models.Bounds.Unit), "*other weights*");
        File.AppendAllText(Path.Combine(grid.Jitter, "record.json"), " ");
        EvaluationRecord.Open(grid.Jitter).Invoking(of => of.Submit(new RecordSubmission("any", images, 0.22), grid.ModelOf(grid.Jitter), folder)).Should()
            .Throw<InvalidDataException>().WithMessage("*no whole record: record.json was changed*");
        Directory.Exists(folder).Should().BeFalse();
        Directory.Exists(folder + ".part").Should().BeFalse();

        void Refused(RecordSubmission submission, Defenses.Models.ModelView view, string message) =>
            record.Invoking(of => of.Submit(submission, view, folder)).Should().Throw<ArgumentException>().WithMessage(message);
    }

    // Each image moved towards the other side of the threshold.
    private static Tensor Shifted(EvaluationRecord record, double by)
    {
        using var scope = NewDisposeScope();
        var (x, labels) = (record.ReadImages(), record.ReadLabels());
        return (x + (1 - 2 * labels.view(-1, 1, 1, 1)) * by).clamp(0, 1).to_type(ScalarType.Float32).MoveToOuterDisposeScope();
    }
}
