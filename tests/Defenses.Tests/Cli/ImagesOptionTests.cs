using System.Text.Json.Nodes;
using Defenses.Cli;
using Defenses.Papers;

namespace Defenses.Tests.Cli;

/// <summary>--images: another number of attacked images than the preset's.</summary>
public sealed class ImagesOptionTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_attacks_that_many_says_so_in_its_command_and_is_resumed_with_the_same_number_only()
    {
        var (code, output) = Start("--images", "5").Finish();
        code.Should().Be(0, output);
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "run", "report.json")))!;
        ((long)report["settings"]!["images"]!).Should().Be(5);
        ((string)report["settings"]!["command"]!).Should().Contain("--preset smoke --seed 1 --images 5");
        foreach (var other in new[] { new[] { "--images", "6" }, [] })
        {
            (code, output) = Start(["--resume", .. other]).Finish();
            code.Should().Be(1, output);
            output.ReplaceLineEndings(" ").Should().Contain("other settings").And.Contain("\"Images\": 5").And.NotContain("   at ");
        }
        Start("--images", "5", "--resume").Finish().Code.Should().Be(0);
    }

    [Theory]
    [InlineData("--images must be 1 or above", "--images", "0")]
    [InlineData("number from 1 to 10000", "--images", "10001")]
    [InlineData("number from 1 to 10000", "--images", "10001", "--protocol", "mvm")]
    public void A_number_that_is_not_to_be_had_is_refused_before_anything_is_written(string named, params string[] arguments)
    {
        var (code, output) = Tool.Call(Command(arguments));
        code.Should().Be(1, output);
        output.ReplaceLineEndings(" ").Should().Contain(named).And.NotContain("   at ");
        Directory.Exists(Path.Combine(_folder, "run")).Should().BeFalse();
    }

    [Fact]
    public void What_takes_fewer_images_than_the_main_attack_keeps_its_share_of_at_least_one()
    {
        (HrsSizes.Of("quick", isColor: false, 300).Images, HrsSizes.Of("quick", isColor: false, 300).Search.Images).Should().Be((300, 80));
        HrsSizes.Of("quick", isColor: false, 1).Search.Images.Should().Be(1);
        var jump = JumpSizes.Of("quick", isColor: true, 300);
        (jump.Attacked, jump.Adaptive.Images).Should().Be(((300, 200), 300));
        var mvm = MvmSizes.Of("quick", isColor: false, 1_000);
        (mvm.Images, mvm.Adaptive.Images).Should().Be(((1_000, 500), 125));
        (HrsSizes.Of("long", isColor: false).Images, HrsSizes.Of("long", isColor: false).Search.Images).Should().Be((200, 20));
        SpikingSizes.Of("quick", "cifar10", 77).Attacked.Should().Be(77);
        Preset.Named("quick", 77).Images.Should().Be(77);
    }

    [Fact]
    public void Everything_else_stays_the_presets()
    {
        var (preset, more) = (HrsSizes.Of("quick", isColor: true), HrsSizes.Of("quick", isColor: true, 99));
        (more with { Images = preset.Images, Search = preset.Search }).ToString().Should().Be(preset.ToString());
        (Preset.Named("paper", 5) with { Images = 1_000 }).ToString().Should().Be(Preset.Named("paper", null).ToString());
        foreach (var protocol in ProtocolRun.All) protocol.Sizes("quick", "mnist", 123).Should()
            .Contain("123").And.NotBe(protocol.Sizes("quick", "mnist", null));
    }

    [Fact]
    public void The_command_of_a_protocol_names_it_only_where_it_was_asked_for()
    {
        var settings = new RunSettings("mnist", null, false, "quick", 1, _folder, false, false, [], 1);
        (settings with { Images = 12 }).Command("mnist", "hrs").Should().Contain("--protocol hrs").And.EndWith("--images 12");
        settings.Command("mnist", "hrs").Should().NotContain("--images");
    }

    private Tool Start(params string[] more) => Tool.Start(_folder, Command(more));

    private string[] Command(string[] more) =>
        ["run", "--dataset", "synthetic", "--preset", "smoke", .. more.Contains("--protocol") ? Array.Empty<string>() : ["--defense", "SAP"], "--threads",
            "1", "--out", Path.Combine(_folder, "run"), .. more];
}
