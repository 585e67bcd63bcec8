using DefenseBench;
using DefenseBench.Protocols;
using DefenseBench.Protocols.Mvm;
using Defenses.Evaluation.Reporting;
using Defenses.Tests.Contracts;
using Defenses.Training;
using Spectre.Console;

namespace Defenses.Tests.Samples;

/// <summary>The detection experiment of the MVM paper.</summary>
public sealed class MvmProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mvm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_goes_on_after_a_stop_ends_with_the_same_page()
    {
        var settings = new RunSettings("synthetic", null, false, "smoke", 5, _folder, false, false, [], 0);
        using var data = await Digits.Load(settings, 600, 100, "mnist", default);
        var whole = Run(settings, data, "whole");
        whole.Page.Sections[0].Tables[0].Rows.Select(row => row.Name).Should().Equal("MVM, c = N/2", "MVM, c = N", "MVM, c = 2N", "SAP, 50 %", "dropout 0.5");
        Run(settings, data, "whole").Page.ToMarkdown().Should().Be(whole.Page.ToMarkdown(), "everything is read back");
        var steps = Directory.GetFiles(Path.Combine(_folder, "whole", "steps")).Order().ToArray();
        foreach (var lost in steps.Where((_, i) => i % 3 == 0)) File.Delete(lost);
        Run(settings, data, "whole").Page.ToMarkdown().Should().Be(whole.Page.ToMarkdown(), "what was lost is found again");
        Leaks.None(() => Run(settings, data, "whole"));
    }

    [Fact]
    public void Rates_at_a_threshold_are_counted_on_the_other_half()
    {
        var results = Results(("row", MvmChunk.Clean, [.. Enumerable.Range(0, 20), .. Enumerable.Repeat(18.5, 20)]), ("row", "FGSM", [.. Enumerable.Repeat(99.0, 20), .. Enumerable.Repeat(0.0, 5), .. Enumerable.Repeat(19.5, 15)]));
        var (found, alarms) = results.AtFivePercent("row", "FGSM");   // the threshold is 18: one of twenty lies above it
        (found.Successes, found.Trials).Should().Be((15, 20));
        (alarms.Successes, alarms.Trials).Should().Be((20, 20));
    }

    [Fact]
    public void An_order_that_contradicts_the_paper_is_a_finding()
    {
        double[] low = [.. Enumerable.Range(0, 60)], high = [.. Enumerable.Range(0, 60).Select(i => 50.0 + i)];
        MvmResults Both(double[] half, double[] twice) => Results([
            .. MvmAttacks.Names.SelectMany(attack => new[] { (MvmPage.Half, attack, half), (MvmPage.Double, attack, twice) }), (MvmPage.Half, MvmChunk.Clean, low), (MvmPage.Double, MvmChunk.Clean, low)]);
        Findings(Both(high, low)).Should().BeEmpty("the smallest c is the best, as in the paper");
        Findings(Both(low, high)).Should().HaveCount(3).And.OnlyContain(finding => finding.Severity == Severity.Warning && finding.Title.Contains("reversed"));
    }

    private ProtocolReport Run(RunSettings settings, Digits data, string name)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
        var protocol = new MvmProtocol();
        return protocol.Run(new ProtocolContext(settings, protocol, data, Path.Combine(_folder, name), new Display(console), default));
    }

    private static IReadOnlyList<Finding> Findings(MvmResults results)
    {
        MvmRow[] rows = [.. new[] { MvmPage.Half, MvmPage.Double }.Select(name => new MvmRow(name, _ => throw new InvalidOperationException(), new Dictionary<string, double>()))];
        foreach (var attack in MvmAttacks.Names) results.Add(attack, new MvmOutcome([true, false], [1, 2]));
        return new MvmPage(MvmSizes.Named("smoke"), new Accuracy(9, 10), rows, results).Make().Findings;
    }

    private static MvmResults Results(params (string Row, string Kind, double[] Scores)[] scores)
    {
        var results = new MvmResults();
        foreach (var (row, kind, values) in scores) results.Add(new MvmRow(row, _ => throw new InvalidOperationException(), new Dictionary<string, double>()), kind, values);
        return results;
    }
}
