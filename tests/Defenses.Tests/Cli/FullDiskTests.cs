namespace Defenses.Tests.Cli;

/// <summary>The tool on a disk that is full: one message, nothing half-written, and on it goes when there is space again.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("full-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The run's first files fit, a checkpoint under way does not.
    [FullDiskFact]
    public void A_training_that_fills_the_disk_ends_with_one_message_and_goes_on_when_there_is_space()
    {
        var train = "train --dataset synthetic --network lenet-like --images 64 --test-images 20 --epochs 1 --threads 1 --out";
        var script = $"""
            mkdir disk && mount -t tmpfs -o size=300k tmpfs disk || exit 77
            dotnet "$0" {train} disk/run > first.txt 2> errors.txt; echo $? > first.code
            find disk -type f > left.txt
            mount -o remount,size=100m disk
            dotnet "$0" {train} disk/run --resume > second.txt 2>&1; echo $? > second.code
            cp disk/run/model.safetensors resumed.safetensors
            dotnet "$0" {train} whole > whole.txt 2>&1
            """;
        var (code, output) = Tool.Run(_folder, "unshare", "-Urm", "sh", "-c", script, Tool.Path).Finish();
        code.Should().Be(0, output);
        Text("first.code").Should().Be("1");
        Text("errors.txt").Split('\n').Should().ContainSingle().Which.Should().StartWith("error: No space left on device").And.Contain("--resume");
        Text("left.txt").Split('\n').Should().Equal(["disk/run/work/run.json"], "nothing is half-written, and what was finished is kept");
        Text("second.code").Should().Be("0", Text("second.txt"));
        File.ReadAllBytes(Path.Combine(_folder, "resumed.safetensors")).Should().Equal(File.ReadAllBytes(Path.Combine(_folder, "whole", "model.safetensors")));
    }

    // Commands without --resume have nothing to go on with: they write all of their files or none, and say so.
    [FullDiskFact]
    public void A_command_that_keeps_no_work_says_so_on_a_full_disk_and_writes_none_of_its_files()
    {
        var model = "train --dataset synthetic --network lenet-like --images 64 --test-images 20 --epochs 1 --threads 1 --out model";
        var script = $"""
            dotnet "$0" {model} > train.txt 2>&1 && mkdir disk && mount -t tmpfs -o size=12k tmpfs disk || exit 77
            for command in "detect --images 40 --draws 4 --epsilon 0.2" "doctor --images 8 --cheap"; do
              dotnet "$0" $command --model model/model.safetensors --threads 1 --out disk/out >> out.txt 2>> errors.txt; echo $? >> codes.txt
            done
            find disk -type f > left.txt
            """;
        var (code, output) = Tool.Run(_folder, "unshare", "-Urm", "sh", "-c", script, Tool.Path).Finish();
        code.Should().Be(0, output);
        Text("codes.txt").Split('\n').Should().Equal(["1", "1"], Text("errors.txt"));
        Text("errors.txt").Split('\n').Should().HaveCount(2).And.OnlyContain(line => line.StartsWith("error: No space left on device", StringComparison.Ordinal)
            && line.EndsWith("Free some space. Then give the same command again: no result was written.", StringComparison.Ordinal));
        Text("left.txt").Should().BeEmpty();
    }

    private string Text(string name) => File.ReadAllText(Path.Combine(_folder, name)).Trim();
}
