using Defenses.Cli;
using Defenses.Evaluation;
using Defenses.Papers;

namespace Defenses.Tests.Cli;

/// <summary>One command makes the records of a leaderboard, and goes on where it was stopped.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("benchmark-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_makes_records_and_their_site_and_does_nothing_twice()
    {
        await Run("bounded ReLU").Execute();
        var folder = EvaluationRecord.FoldersIn(_folder).Single();
        var record = EvaluationRecord.Open(folder);
        (record.Name, record.Settings.Images, record.Attacks.Count).Should().Be(("bounded ReLU", 3L, 10), "views of draws repeat the plain one here");
        using (var model = RebuiltModel.Open(record)) record.Verify(model.View).Differences.Should().BeEmpty();
        File.ReadAllText(Path.Combine(_folder, "site", "index.html")).Should().Contain("bounded ReLU");
        await Run("bounded ReLU").Execute();
        EvaluationRecord.Open(folder).Id.Should().Be(record.Id, "a finished record is not made again");
    }

    [Fact]
    public async Task A_defense_that_is_not_known_is_told_before_any_work() =>
        await FluentActions.Invoking(() => Run("armor").Execute()).Should().ThrowAsync<UserError>().WithMessage("*'armor'*HRS*");

    private BenchmarkRun Run(string defense) => new(
        new BenchmarkSettings(
            new RunSettings("synthetic", null, false, "smoke", 1, _folder, false, false, [defense], 1) { Images = 3 }, TryableModel.Weights, []),
        CancellationToken.None);
}
