namespace Defenses.Tests.Samples;

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

    private string Text(string name) => File.ReadAllText(Path.Combine(_folder, name)).Trim();
}
