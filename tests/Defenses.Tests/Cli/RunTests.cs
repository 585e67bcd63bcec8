using Defenses.Cli;

namespace Defenses.Tests.Cli;

/// <summary>The command-line tool as its users meet it: as a process, with its files and exit codes.</summary>
public sealed class RunTests(WholeRun whole) : IClassFixture<WholeRun>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("run-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_killed_in_training_and_in_the_evaluation_and_resumed_ends_with_the_same_report()
    {
        using (var run = Start("killed"))
            run.KillOnce(() => Written("networks", "*") > 0).Should().BeTrue("or the test tests nothing");
        using (var run = Start("killed", "--resume"))
            run.KillOnce(() => Written("evaluation", "b*.json") > 1).Should().BeTrue("or the test tests nothing");
        Report("killed").Should().BeNull("it was not done");
        var (code, output) = Start("killed", "--resume").Finish();
        code.Should().Be(0, output);
        Report("killed").Should().Be(whole.Report);
        File.Exists(Path.Combine(_folder, "killed", "report.html")).Should().BeTrue();
        Directory.EnumerateFiles(_folder, "*.part", SearchOption.AllDirectories).Should().BeEmpty("nothing half-written stays");

        int Written(string below, string pattern)
        {
            var folder = Path.Combine(_folder, "killed", "work", below);
            return Directory.Exists(folder) ? Directory.GetFiles(folder, pattern, SearchOption.AllDirectories).Length : 0;
        }
    }

    [Fact]
    public void Shards_with_a_folder_in_common_or_of_their_own_merge_to_the_report_of_one_run_and_a_missing_one_is_named()
    {
        string[] merge = ["merge", Path.Combine(_folder, "shared"), "--threads", "1"];
        foreach (var (part, said) in new[] { Start("shared", "--shard", "0/3"), Start("shared", "--shard", "2/3"), Start("own", "--shard", "1/3") }.Select(
            shard => shard.Finish()).ToArray())
            part.Should().Be(0, said);
        var (code, output) = Tool.Call(merge);
        code.Should().Be(1);
        output.Should().Contain("images 3 to 5").And.NotContain("   at ");
        File.Exists(Path.Combine(_folder, "shared", "report.json")).Should().BeFalse();
        (code, output) = Tool.Call([.. merge, Path.Combine(_folder, "own")]);
        code.Should().Be(0, output);
        Report("shared").Should().Be(whole.Report);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{ \"dataSet\":")]
    [InlineData("{\"dataSet\":\"synthetic\",\"Preset\":\"smoke\",\"Seed\":\"x\",\"Defenses\":[]}")]
    public void What_is_no_run_of_the_main_job_is_not_merged(string begun)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "work", "shards", "0-of-2"));
        File.WriteAllText(Path.Combine(_folder, "work", "run.json"), begun);
        var (code, output) = Tool.Call("merge", _folder, "--threads", "1");
        code.Should().Be(1, output);
        output.Should().Contain(_folder).And.Contain("no shards to merge").And.NotContain("   at ");
    }

    [Theory]
    [InlineData("error: --shard: A shard must be written i/n, with i from 0 to n − 1, such as 0/4; it is '4/4'.", "run", "--shard", "4/4")]
    [InlineData("error: --seed must be a whole number from 0 to 18446744073709551615; it is '-1'.", "run", "--seed", "-1")]
    [InlineData("error: --seed must be a whole number from 0 to 18446744073709551615; it is '1e3'.", "run", "--seed", "1e3")]
    [InlineData("error: --threads must be a whole number from 0 to 1024; it is '100000000'.", "run", "--threads", "100000000")]
    [InlineData("give one of them", "run", "--resume", "--overwrite", "--dataset", "synthetic", "--preset", "smoke", "--threads", "1")]
    [InlineData("'nonsense'", "nonsense")]
    [InlineData("holds no run", "merge", "/")]
    [InlineData("--no-such-option", "run", "--no-such-option")]
    [InlineData("imagenet", "run", "--dataset", "imagenet")]
    [InlineData("--preset", "run", "--preset", "huge")]
    [InlineData("--defense", "run", "--defense", "magic", "--dataset", "synthetic", "--preset", "smoke", "--threads", "1")]
    [InlineData("--data", "run", "--data", "/no/such/folder", "--threads", "1")]
    [InlineData("--download", "run", "--dataset", "cifar10", "--data", "/", "--threads", "1")]
    [InlineData("--threads", "run", "--threads", "-1")]
    [InlineData("--resume", "run", "--resume", "--dataset", "synthetic", "--preset", "smoke", "--out", "/tmp/no-run-here", "--threads", "1")]
    [InlineData("--out", "run", "--dataset", "synthetic", "--preset", "smoke", "--out", "/dev/null/report", "--threads", "1")]
    public void A_mistake_is_told_in_words_with_exit_code_1(string named, params string[] arguments)
    {
        var (code, output) = Tool.Call(arguments);
        code.Should().Be(1, output);
        output.Should().Contain(named).And.NotContain("   at ", "a user needs no stack trace").And.NotContain("default", "help would bury what is wrong");
    }

    [Fact]
    public void A_run_that_exists_is_not_overwritten_by_accident()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "old", "work"));
        File.WriteAllText(Path.Combine(_folder, "old", "work", "run.json"), "{}");
        var (code, output) = Tool.Call(WholeRun.Command(Path.Combine(_folder, "old")));
        code.Should().Be(1);
        output.Should().Contain("--resume").And.Contain("--overwrite");
    }

    [Theory]
    [InlineData("{ \"Library\": \"0.0.9\" }", "version 0.0.9 of Defenses")]
    [InlineData("{}", "version ? of Defenses")]
    [InlineData("{ \"Library\":", "version ? of Defenses")]
    public void A_run_of_another_version_is_not_gone_on_with(string begun, string named)
    {
        var work = Path.Combine(_folder, "other", "work");
        Directory.CreateDirectory(work);
        File.WriteAllText(Path.Combine(work, "run.json"), begun);
        var (code, output) = Tool.Call([.. WholeRun.Command(Path.Combine(_folder, "other")), "--resume"]);
        code.Should().Be(1, output);
        output.ReplaceLineEndings(" ").Should().Contain(named).And.Contain("--overwrite").And.NotContain("   at ");
        File.ReadAllText(Path.Combine(work, "run.json")).Should().Be(begun, "nothing is lost");
    }

    [Fact]
    public void A_truncated_data_file_is_named_and_nothing_is_written()
    {
        var data = Path.Combine(_folder, "data", "mnist");
        Directory.CreateDirectory(data);
        foreach (var name in new[] { "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" })
            File.WriteAllBytes(Path.Combine(data, name), [0, 0, 8, 3, 0, 0]);
        var (code, output) = Tool.Call("run", "--dataset", "mnist", "--data", Path.Combine(_folder, "data"), "--out", Path.Combine(_folder, "none"),
            "--threads", "1");
        code.Should().Be(1);
        output.Should().Contain("ubyte").And.NotContain("   at ");
        Directory.Exists(Path.Combine(_folder, "none")).Should().BeFalse();
    }

    [Fact]
    public void Help_explains_every_option()
    {
        var (code, output) = Tool.Call("run", "--help");
        code.Should().Be(0);
        foreach (var option in new[] { "--data", "--dataset", "--preset", "--seed", "--out", "--resume" }) output.Should().Contain(option);
    }

    private Tool Start(string name, params string[] more) => Tool.Start(_folder, [.. WholeRun.Command(Path.Combine(_folder, name)), .. more]);

    private string? Report(string name) => WholeRun.ReportIn(Path.Combine(_folder, name));
}
