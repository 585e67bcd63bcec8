using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Defenses.Tests.Samples;

/// <summary>The command-line tool as its users meet it: as a process, with its files and exit codes.</summary>
public sealed class DefenseBenchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defense-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_killed_at_any_moment_and_resumed_ends_with_the_same_report()
    {
        var watch = Stopwatch.StartNew();
        var (code, output) = Start("whole").Finish();
        code.Should().Be(0, output);
        var (whole, span) = (Report("whole"), watch.Elapsed);
        var kills = 0;
        using (var run = Start("killed"))
            kills += run.KillAfter(span * 0.3) ? 1 : 0;
        using (var run = Start("killed", "--resume"))
            kills += run.KillAfter(span * 0.5) ? 1 : 0;
        kills.Should().BeGreaterThan(0, "or the test tests nothing");
        (code, output) = Start("killed", "--resume").Finish();
        code.Should().Be(0, output);
        Report("killed").Should().Be(whole);
        File.Exists(Path.Combine(_folder, "killed", "report.html")).Should().BeTrue();
        Directory.EnumerateFiles(_folder, "*.part", SearchOption.AllDirectories).Should().BeEmpty("nothing half-written stays");
    }

    [Fact]
    public void Shards_with_a_folder_in_common_or_of_their_own_merge_to_the_report_of_one_run_and_a_missing_one_is_named()
    {
        string[] merge = ["merge", Path.Combine(_folder, "shared"), "--threads", "1"];
        foreach (var (part, said) in new[] { Start("shared", "--images", "7", "--shard", "0/3"), Start("shared", "--images", "7", "--shard", "2/3") }.Select(shard => shard.Finish()).ToArray())
            part.Should().Be(0, said);
        var (code, output) = Tool.Start(_folder, merge).Finish();
        code.Should().Be(1);
        output.Should().Contain("images 3 to 5").And.NotContain("   at ");
        File.Exists(Path.Combine(_folder, "shared", "report.json")).Should().BeFalse();
        Start("own", "--images", "7", "--shard", "1/3").Finish().Code.Should().Be(0);
        (code, output) = Tool.Start(_folder, [.. merge, Path.Combine(_folder, "own")]).Finish();
        code.Should().Be(0, output);
        Start("whole", "--images", "7").Finish().Code.Should().Be(0);
        Report("shared").Should().Be(Report("whole"));
    }

    [Theory]
    [InlineData("--shard", "run", "--shard", "4/4")]
    [InlineData("holds no run", "merge", "/")]
    [InlineData("--no-such-option", "run", "--no-such-option")]
    [InlineData("imagenet", "run", "--dataset", "imagenet")]
    [InlineData("--preset", "run", "--preset", "huge")]
    [InlineData("--defense", "run", "--defense", "magic", "--dataset", "synthetic", "--preset", "smoke")]
    [InlineData("--data", "run", "--data", "/no/such/folder")]
    [InlineData("--download", "run", "--dataset", "cifar10", "--data", "/")]
    [InlineData("--threads", "run", "--threads", "-1")]
    [InlineData("--resume", "run", "--resume", "--dataset", "synthetic", "--preset", "smoke", "--out", "/tmp/no-run-here")]
    [InlineData("--out", "run", "--dataset", "synthetic", "--preset", "smoke", "--out", "/dev/null/report")]
    public void A_mistake_is_told_in_words_with_exit_code_1(string named, params string[] arguments)
    {
        var (code, output) = Tool.Start(_folder, arguments).Finish();
        code.Should().Be(1, output);
        output.Should().Contain(named).And.NotContain("   at ", "a user needs no stack trace");
    }

    [Fact]
    public void A_run_that_exists_is_not_overwritten_by_accident()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "old", "work"));
        File.WriteAllText(Path.Combine(_folder, "old", "work", "run.json"), "{}");
        var (code, output) = Start("old").Finish();
        code.Should().Be(1);
        output.Should().Contain("--resume").And.Contain("--overwrite");
    }

    [Fact]
    public void A_truncated_data_file_is_named_and_nothing_is_written()
    {
        var data = Path.Combine(_folder, "data", "mnist");
        Directory.CreateDirectory(data);
        foreach (var name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" })
            File.WriteAllBytes(Path.Combine(data, name), [0, 0, 8, 3, 0, 0]);
        var (code, output) = Tool.Start(_folder, "run", "--dataset", "mnist", "--data", Path.Combine(_folder, "data"), "--out", Path.Combine(_folder, "none")).Finish();
        code.Should().Be(1);
        output.Should().Contain("ubyte").And.NotContain("   at ");
        Directory.Exists(Path.Combine(_folder, "none")).Should().BeFalse();
    }

    [Fact]
    public void Help_explains_every_option()
    {
        var (code, output) = Tool.Start(_folder, "run", "--help").Finish();
        code.Should().Be(0);
        foreach (var option in new[] { "--data", "--dataset", "--preset", "--seed", "--out", "--resume" }) output.Should().Contain(option);
    }

    private Tool Start(string name, params string[] more) => Tool.Start(_folder,
        ["run", "--dataset", "synthetic", "--preset", "smoke", "--defense", "SAP", "--defense", "HRS", "--threads", "1", "--out", Path.Combine(_folder, name), .. more]);

    // Without the timing block.
    private string Report(string name)
    {
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, name, "report.json")))!.AsObject();
        report.Remove("timing").Should().BeTrue("the report keeps its times apart");
        return report.ToJsonString();
    }
}
