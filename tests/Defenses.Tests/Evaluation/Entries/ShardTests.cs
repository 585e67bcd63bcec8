using Defenses.Evaluation;

namespace Defenses.Tests.Evaluation;

public sealed class ShardTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Shards_in_any_order_merge_to_the_report_of_one_run(int count)
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var folders = Enumerable.Range(0, count).Select(i => Path.Combine(folder.Path, $"{i}")).Reverse().ToArray();
        for (var i = 0; i < count; i++) grid.Evaluation().RunShard(grid.Examples, new Shard(count - 1 - i, count), folders[i]);
        Grid.Bare(grid.Evaluation().Merge(grid.Examples, folders)).Should().Be(grid.Json());
    }

    [Fact]
    public void A_shard_that_was_stopped_goes_on_and_does_its_own_blocks_only()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var (first, second) = (Path.Combine(folder.Path, "first"), Path.Combine(folder.Path, "second"));
        using (var stopped = new Steps(cancelAt: 4))
            grid.Invoking(of => of.Evaluation().RunShard(of.Examples, new Shard(0, 2), first, stopped, stopped.Token)).Should()
                .Throw<OperationCanceledException>();
        using var rest = new Steps();
        grid.Evaluation().RunShard(grid.Examples, new Shard(0, 2), first, rest);
        rest.Reports[0].Done.Should().Be(4, "finished pieces are not done again");
        rest.Reports[^1].Should().Match<EvaluationProgress>(last => last.Done == last.Total);
        Directory.GetFiles(Path.Combine(first, "work"), "b*").Select(Path.GetFileName).Should().OnlyContain(name => name!.StartsWith("b0-"));
        grid.Evaluation().RunShard(grid.Examples, new Shard(1, 2), second);
        Directory.GetFiles(Path.Combine(second, "work"), "b*").Select(Path.GetFileName).Should().NotBeEmpty().And.OnlyContain(name => name!.StartsWith("b1-"));
        Grid.Bare(grid.Evaluation().Merge(grid.Examples, [first, second])).Should().Be(grid.Json());
    }

    [Fact]
    public void A_missing_or_torn_block_is_named_and_nothing_is_computed_in_its_place()
    {
        using var grid = new Grid();
        using var folder = new TemporaryFolder();
        var (first, second) = (Path.Combine(folder.Path, "first"), Path.Combine(folder.Path, "second"));
        grid.Evaluation().RunShard(grid.Examples, new Shard(0, 2), first);
        grid.Invoking(of => of.Evaluation().Merge(of.Examples, [first])).Should().Throw<InvalidOperationException>()
            .WithMessage("1 of 2 blocks*images 5 to 8*");
        grid.Evaluation().RunShard(grid.Examples, new Shard(1, 2), second);
        File.WriteAllText(Path.Combine(second, "work", "b1-d1.json"), "torn");
        grid.Invoking(of => of.Evaluation().Merge(of.Examples, [first, second])).Should().Throw<InvalidOperationException>().WithMessage("*images 5 to 8*");
        grid.Invoking(of => of.Evaluation().Merge(of.Examples, [first, Path.Combine(folder.Path, "none")])).Should().Throw<DirectoryNotFoundException>()
            .WithMessage("*none*");
    }

    [Fact]
    public void Work_of_other_models_or_settings_is_not_merged()
    {
        using var grid = new Grid();
        using var other = new Grid(std: 0.4);
        using var folder = new TemporaryFolder();
        var (first, second) = (Path.Combine(folder.Path, "first"), Path.Combine(folder.Path, "second"));
        grid.Evaluation().RunShard(grid.Examples, new Shard(0, 2), first);
        other.Evaluation().RunShard(other.Examples, new Shard(1, 2), second);
        grid.Invoking(of => of.Evaluation().Merge(of.Examples, [first, second])).Should().Throw<InvalidOperationException>()
            .WithMessage("*second*differently*");
        grid.Invoking(of => of.Evaluation(draws: 4).Merge(of.Examples, [first])).Should().Throw<InvalidOperationException>()
            .WithMessage("*draws was 3 and is 4*");
        grid.Invoking(of => of.Evaluation(seed: null).RunShard(of.Examples, new Shard(0, 2), first)).Should().Throw<InvalidOperationException>()
            .WithMessage("Seed*");
    }

    [Fact]
    public void A_shard_is_written_as_its_number_from_0_and_how_many_there_are()
    {
        Shard.Parse("0/4").Should().Be(new Shard(0, 4));
        $"{Shard.Parse("3/4")}".Should().Be("3/4");
        foreach (var wrong in new[] { "4/4", "-1/4", "1", "1/0", "a/b", "1/2/3", "" })
            FluentActions.Invoking(() => Shard.Parse(wrong)).Should().Throw<FormatException>().WithMessage($"*'{wrong}'*");
        Shard.TryParse("3/4", null, out var last).Should().BeTrue();
        last.Should().Be(new Shard(3, 4));
        foreach (var wrong in new[] { null, "4/4", "1/0", "1 / 2" }) Shard.TryParse(wrong, null, out _).Should().BeFalse();
        FluentActions.Invoking(() => new Shard(2, 2)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new Shard(0, 0)).Should().Throw<ArgumentOutOfRangeException>();
    }
}
