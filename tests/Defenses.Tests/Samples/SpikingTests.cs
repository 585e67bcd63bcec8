using DefenseBench;
using DefenseBench.Protocols;
using DefenseBench.Protocols.Spiking;
using Defenses.Metrics;
using Defenses.Tests.Contracts;
using Spectre.Console;

namespace Defenses.Tests.Samples;

/// <summary>The Random Spiking protocol.</summary>
public sealed class SpikingTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("spiking-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(7, 5)]   // the paper
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    [InlineData(14, 10)]
    public void An_example_must_fool_five_sevenths_of_the_validation_models(int validators, int needed) => SchemeTransfer.Needed(validators).Should().Be(needed);

    // Three images, three models: the first is tested with nothing, for no image fools both others; the second with the third image, the last with the
    // first two.
    [Fact]
    public void A_model_is_tested_only_with_what_fools_the_other_validation_models()
    {
        var trial = Trial(("A", [[2, 2, 2], [2, 2, 0], [1, 0, 2]]), ("B", [[2, 1, 0], [0, 0, 0], [2, 2, 2]]));
        trial.Cases("A", validated: true).Should().Equal(new TransferCase(2, "A", "A", 2.5, 0), new TransferCase(0, "A", "A", 0.5, 0.5), new TransferCase(1, "A", "A", 1.5, 0));
        trial.Cases("A", validated: false).Should().HaveCount(9);
    }

    [Fact]
    public void A_model_of_another_scheme_is_tested_with_what_fools_the_scheme_that_the_attacker_knows()
    {
        var trial = Trial(("A", [[2, 2, 2], [2, 2, 0], [2, 0, 0]]), ("B", [[2, 1, 0], [0, 0, 0], [2, 2, 2]]));
        trial.Cases("B", validated: true).Select(each => (each.Image, each.Success)).Should().Equal((0, 1), (0, 0), (0, 1), (1, 1));
    }

    [Fact]
    public void A_run_whose_work_is_partly_lost_ends_with_the_same_report()
    {
        var whole = Report(Path.Combine(_folder, "run"));
        var steps = Directory.GetFiles(Path.Combine(_folder, "run", "steps")).Order(StringComparer.Ordinal).ToArray();
        steps.Length.Should().BeGreaterThan(10);
        for (var i = 0; i < steps.Length; i += 3) File.Delete(steps[i]);
        Report(Path.Combine(_folder, "run")).Should().Be(whole);
        foreach (var part in new[] { "by one answer", "one draw", "models together", "Transfer by L2 distance", "under JPEG", "have not learnt their task" }) whole.Should().Contain(part);
    }

    [Fact]
    public void Every_preset_names_schemes_that_exist_and_leaves_models_to_validate_on()
    {
        foreach (var sizes in new[] { "smoke", "quick", "paper" }.Select(SpikingSizes.Of))
        {
            sizes.Schemes.Should().OnlyContain(name => Scheme.Named(name).Name == name);
            sizes.Models.Validators.Should().BeGreaterThan(1);
            sizes.Edges.Should().BeInAscendingOrder();
        }
        SpikingSizes.Of("paper").Models.Should().Be((8, 8));
    }

    private string Report(string folder)
    {
        var settings = new RunSettings("synthetic", null, false, "smoke", 3, folder, false, false, [], 1);
        using var data = Digits.Load(settings, 300, 40, "mnist", default).Result;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(new StringWriter()) });
        var protocol = new SpikingProtocol();
        var before = Leaks.Live();
        var report = protocol.Run(new ProtocolContext(settings, protocol, data, folder, new Display(console), default));
        (Leaks.Live() - before).Should().Be(0, "the protocol leaves no tensor behind");
        return ProtocolFiles.Write(report with { Timing = null });
    }

    // Counts of two decisions each, by scheme, model and image.
    private static SchemeTransfer Trial(params (string Scheme, int[][] Met)[] schemes) => new("A", 0, [0.5, 1.5, 2.5], [true, true, true],
        schemes.ToDictionary(each => each.Scheme, each => each.Met.Select(met => new Verdicts(met, [0, 0, 0], 2)).ToArray()));
}
