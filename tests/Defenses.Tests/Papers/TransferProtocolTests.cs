using Defenses.Papers;
using Defenses.Tests.Contracts;
using Defenses.Statistics;

namespace Defenses.Tests.Papers;

/// <summary>The comparison of transfer attacks.</summary>
public sealed class TransferProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("transfer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_goes_on_after_a_stop_ends_with_the_same_report()
    {
        using var data = await SmokeRun.Data(5, 400, 40);
        var protocol = ProtocolRun.All.Single(each => each.Name == "transfer");
        ProtocolReport Run() => protocol.Run(SmokeRun.Context(protocol, 5, data, _folder));
        var whole = SmokeRun.EndsAlikeWhenItsEndIsLost(Run, _folder);
        var rows = whole.Page.Sections[0].Tables[0].Rows;
        rows[0].Name.Should().Be(TransferMethod.Today);
        rows.Should().HaveCount(16).And.OnlyContain(row => row.Cells.Count == 4);
        rows[0].Cells[1].Value.Should().BeOneOf([0, 1], "PGD is compared with itself");
        Leaks.None(() => Run());
    }

    [Fact]
    public async Task A_method_that_fools_more_is_the_title_and_what_is_left_is_said()
    {
        using var data = await SmokeRun.Data(5, 20, 20);
        TransferResult Row(string name, int fooled) => new(name, new(400, 500), [new Proportion(fooled, 480), new Proportion(fooled / 2, 470)]);
        var page = new TransferPage(TransferSizes.Of("quick", "mnist", null), data,
            new([new Proportion(480, 500), new Proportion(470, 500)], [Row(TransferMethod.Today, 100), Row("MEF", 150)])).Make();
        page.Title.Should().Contain("MEF fools 31 % [27, 36]").And.Contain("PGD 21 %");
        page.Sections[0].Tables[0].Rows[1].Cells[1].Value.Should().BeApproximately(1.5, 1e-9);
        page.Findings.Should().Contain(finding => finding.Title == "How much is left to win")
            .And.Contain(finding => finding.Title == "Examples transfer less to random spiking");
    }
}
