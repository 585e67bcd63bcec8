using Defenses.Cli;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Statistics;
using Defenses.Tests.Pages;

namespace Defenses.Tests.Papers;

/// <summary>The steps and reports of protocols.</summary>
public sealed class ProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("protocol-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_finished_step_is_not_done_again()
    {
        var first = new StepStore(_folder).Do("rates ε 0.1", () => new Result(new Proportion(3, 10), [0.1, double.NaN], (1, "x")));
        var again = new StepStore(_folder).Do<Result>("rates ε 0.1", () => throw new InvalidOperationException("done twice"));
        again.Rate.Should().Be(first.Rate);
        again.Values.Should().Equal(first.Values);
        again.Pair.Should().Be((1, "x"));
    }

    [Fact]
    public void A_torn_step_is_done_again_and_one_of_another_name_is_another()
    {
        new StepStore(_folder).Do("a/b", () => 1);
        new StepStore(_folder).Do("a_b", () => 2).Should().Be(2);
        var file = Directory.GetFiles(_folder).Single(path => File.ReadAllText(path).Contains("a/b"));
        File.WriteAllText(file, File.ReadAllText(file)[..10]);
        new StepStore(_folder).Do("a/b", () => 3).Should().Be(3);
        new StepStore(_folder).Do("a_b", () => 4).Should().Be(2);
    }

    [Fact]
    public void A_step_that_fails_leaves_nothing_behind()
    {
        FluentActions.Invoking(() => new StepStore(_folder).Do<int>("a", () => throw new IOException("full"))).Should().Throw<IOException>();
        Directory.GetFiles(_folder).Should().BeEmpty();
        new StepStore(_folder).Has<int>("a").Should().BeFalse();
    }

    [Fact]
    public void Two_steps_of_one_name_are_refused()
    {
        var store = new StepStore(_folder);
        store.Do("a", () => 1);
        store.Invoking(s => s.Do("a", () => 2)).Should().Throw<InvalidOperationException>().WithMessage("*'a'*twice*");
    }

    [Theory]
    [InlineData(7, 3, "work, part 1: 0+3", "work, part 2: 3+3", "work, part 3: 6+1")]
    [InlineData(6, 3, "work, part 1: 0+3", "work, part 2: 3+3")]
    [InlineData(3, 3, "work: 0+3")]
    public async Task Blocks_are_steps_that_together_take_each_image_once(int images, int size, params string[] blocks)
    {
        using var data = await SmokeRun.Data(3, 20, 20);
        IReadOnlyList<string> Run(Func<string, int, int, string> work) => SmokeRun.Context(new HrsProtocol(), 3, data, _folder).Blocks("work", images, size,
            work);
        Run((part, start, count) => $"work{part}: {start}+{count}").Should().Equal(blocks);
        Run((_, _, _) => throw new InvalidOperationException("done twice")).Should().Equal(blocks);
    }

    [Fact]
    public void A_report_comes_back_from_its_file_and_writes_the_same_pages()
    {
        var report = Sample();
        ProtocolFiles.Save(report, _folder);
        var json = File.ReadAllText(Path.Combine(_folder, ProtocolFiles.Name));
        var read = ProtocolFiles.Read(json);
        ProtocolFiles.Write(read).Should().Be(json);
        read.Page.ToHtml().Should().Be(report.Page.ToHtml());
        File.ReadAllText(Path.Combine(_folder, "protocol.html")).Should().Contain("A paper").And.Contain("run --protocol sample").And.Contain("2 minutes");
        File.ReadAllText(Path.Combine(_folder, "protocol.md")).Should().Contain("A paper").And.Contain("run --protocol sample");
    }

    [Theory]
    [InlineData("{", "*not a whole report*")]
    [InlineData("{}", "*no schema*")]
    [InlineData("""{"schema":"defense-bench.protocol/0"}""", "*version that wrote it*")]
    [InlineData("""{"schema":"defense-bench.protocol/1"}""", "*not a whole report*")]
    public void What_is_no_report_is_refused(string json, string message) =>
        FluentActions.Invoking(() => ProtocolFiles.Read(json)).Should().Throw<InvalidDataException>().WithMessage(message);

    [Fact]
    public void A_page_over_several_protocols_says_what_each_found_leads_to_it_and_names_those_left_out()
    {
        var (first, second) = (Sample() with { Protocol = "first", DataSet = "mnist" },
            Sample() with { Protocol = "second", Page = SamplePage.Make() with { Title = "Nothing held", Findings = [] } });
        var all = new ProtocolSummary([first, second], new Dictionary<string, string> { ["third"] = "it has no colours" }).Make("run --protocol all");
        all.Page.Sections.Select(section => section.Link).Should().Equal(null, "first/protocol.html", "second/protocol.html");
        all.Timing!.Seconds.Should().Be(240);
        ProtocolFiles.Save(all, _folder);
        foreach (var file in new[] { "protocol.html", "protocol.md" })
        {
            var text = File.ReadAllText(Path.Combine(_folder, file));
            foreach (var part in new[] { "2 protocols", "Nothing held", "third did not run", "it has no colours", "first/protocol.html",
                "second/protocol.html", "run --protocol all" }) text.Should().Contain(part);
            foreach (var finding in first.Page.Findings) text.Should().Contain(finding.Title);
        }
        ProtocolFiles.Write(ProtocolFiles.Read(ProtocolFiles.Write(all))).Should().Be(ProtocolFiles.Write(all), "'report' writes it again");
        all.Page.Title.Should().Contain("1 with reasons to doubt").And.Contain("(first)");
        var broken = first with { Page = first.Page with { Findings = [.. first.Page.Findings, new(Severity.Invalid, "Untrained", "r", "a")] } };
        new ProtocolSummary([broken, second], new Dictionary<string, string>()).Make("").Page.Title.Should()
            .Be("2 protocols: 1 with numbers that nothing follows from (first)");
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("http://somewhere.invalid/")]
    [InlineData("/etc/passwd")]
    public void A_section_leads_to_its_neighbours_only(string address) =>
        FluentActions.Invoking(() => new PageSection("a") { Link = address }).Should().Throw<ArgumentException>().WithMessage("*relative*");

    private static ProtocolReport Sample() => new()
    {
        Protocol = "sample", Paper = "A paper", Preset = "quick", DataSet = "mnist", Seed = "18446744073709551615", Command = "run --protocol sample",
        Library = "1.0",
        Page = SamplePage.Make(), Timing = new ProtocolTiming(DateTimeOffset.UnixEpoch, 120, "a machine", new Dictionary<string, double> { ["a"] = 120 }),
    };

    private sealed record Result(Proportion Rate, double[] Values, (int, string) Pair);
}
