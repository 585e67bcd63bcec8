using Defenses.Detection;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

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
    public void An_example_must_fool_five_sevenths_of_the_validation_models(int validators, int needed) => SchemeTransfer.Needed(validators).Should()
        .Be(needed);

    // Three images, three models: the first is tested with nothing, for no image fools both others; the second with the third image, the last with the
    // first two.
    [Fact]
    public void A_model_is_tested_only_with_what_fools_the_other_validation_models()
    {
        var trial = Trial(("A", [[2, 2, 2], [2, 2, 0], [1, 0, 2]]), ("B", [[2, 1, 0], [0, 0, 0], [2, 2, 2]]));
        trial.Cases("A", validated: true).Should().Equal(new TransferCase(2, "A", "A", 2.5, 0), new TransferCase(0, "A", "A", 0.5, 0.5),
            new TransferCase(1, "A", "A", 1.5, 0));
        trial.Cases("A", validated: false).Should().HaveCount(9);
    }

    [Fact]
    public void A_model_of_another_scheme_is_tested_with_what_fools_the_scheme_that_the_attacker_knows()
    {
        var trial = Trial(("A", [[2, 2, 2], [2, 2, 0], [2, 0, 0]]), ("B", [[2, 1, 0], [0, 0, 0], [2, 2, 2]]));
        trial.Cases("B", validated: true).Select(each => (each.Image, each.Success)).Should().Equal((0, 1), (0, 0), (0, 1), (1, 1));
    }

    [Fact]
    public void Its_page_holds_every_scheme_says_that_a_smoke_run_proves_nothing_and_is_the_same_after_a_stop()
    {
        var page = Report(Path.Combine(_folder, "run"));
        foreach (var part in new[] { "as the attacker sees it", "one draw", "with the detectors", "RS-1-adv", "RC, the model", "RC, OPTMARGIN",
            "RS-1 (vote), EOT 2", "Attacks on RC", "Settings of the paper", "models together", "Transfer by L2 distance", "under JPEG",
            "have not learnt their task" })
            page.Should().Contain(part);
    }

    [Fact]
    public void Every_preset_names_schemes_that_exist_and_leaves_models_to_validate_on()
    {
        foreach (var sizes in from preset in new[] { "smoke", "quick", "long", "paper" } from data in new[] { "mnist", "fashion-mnist", "cifar10" }
            select SpikingSizes.Of(preset, data))
        {
            sizes.Schemes.Should().OnlyContain(name => DefenseScheme.Named(name).Name == name);
            sizes.Models.Validators.Should().BeGreaterThan(1);
            sizes.Edges.Should().BeInAscendingOrder();
            foreach (var scheme in sizes.Schemes.Select(DefenseScheme.Named))
                new[] { scheme.AttackedAs, scheme.Network }.Should().OnlyContain(name => Array.IndexOf(sizes.Schemes, name) >= 0
                    && Array.IndexOf(sizes.Schemes, name) <= Array.IndexOf(sizes.Schemes, scheme.Name),
                    "what it borrows is made before it");
        }
        SpikingSizes.Of("paper", "mnist").Models.Should().Be((8, 8));
    }

    [Fact]
    public void Voting_schemes_have_the_networks_of_another_and_are_attacked_as_it_is()
    {
        foreach (var name in new[] { "RS-1", "RS-1-dropout", "RS-1-adv" })
        {
            var (plain, vote) = (DefenseScheme.Named(name), DefenseScheme.Named(DefenseScheme.ByVote(name)));
            (vote.Network, vote.AttackedAs, vote.Votes, plain.Votes, plain.Spikes).Should().Be((name, name, true, false, true));
        }
    }

    [Fact]
    public void The_paper_preset_has_the_papers_settings_but_for_the_draws_of_the_attacker_who_averages()
    {
        foreach (var data in new[] { "mnist", "fashion-mnist", "cifar10" })
            foreach (var (what, ours, paper) in SpikingPaper.Settings(SpikingSizes.Of("paper", data), data))
                if (what.Contains("attacker who averages")) ours.Should().Be(20);
                else ours.Should().BeApproximately(paper, 1e-12, $"{what}, {data}");
    }

    // Alternating answers by the sign of the first draws: a vote of one draw each way is not the mean.
    [Fact]
    public void A_model_of_a_voting_scheme_decides_by_shares_of_its_draws()
    {
        using var scope = NewDisposeScope();
        var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.5)), ("linear", new LinearModel()));
        network.eval();
        network.Reseed(4);
        using var model = new SchemeModel(DefenseScheme.Named("RS-1 (vote)"), network, null, SpikingSizes.Of("smoke", "mnist"), [network]);
        using var mean = new SchemeModel(DefenseScheme.Named("RS-1"), network, null, SpikingSizes.Of("smoke", "mnist"), []);
        var x = full([6, 12], 0.5);
        double[] Shares(SchemeModel decider) => [.. (decider.Deployed.Logits(x).exp() * 11 - 0.25).to_type(ScalarType.Float64).data<double>()];
        Shares(model).Should().OnlyContain(share => Math.Abs(share - Math.Round(share)) < 1e-4, "log((c + 1/4)/11) with c votes of ten");
        Shares(mean).Should().Contain(share => Math.Abs(share - Math.Round(share)) > 1e-3);
    }

    [Fact]
    public void More_images_than_a_block_are_attacked_block_by_block_with_the_same_result()
    {
        using var scope = NewDisposeScope();
        using var data = Sets.Noise("mnist", isColor: false, test: 120);
        var sizes = SpikingSizes.Of("smoke", "mnist") with { Schemes = ["standard"], Search = (2, 1, 0.1, 1) };
        using var network = new LinearModel(784, 10);
        using var model = new SchemeModel(DefenseScheme.Named("standard"), network, null, sizes, []);
        var models = new Dictionary<string, SchemeModel[]> { ["standard"] = [model] };
        WhiteBox(120).Distance.Should().HaveCount(120).And.StartWith(WhiteBox(100).Distance);
        Directory.GetFiles(Path.Combine(_folder, "120"), "*part*", SearchOption.AllDirectories).Should().HaveCount(2);

        AttackedImages WhiteBox(long count)
        {
            var folder = Path.Combine(_folder, $"{count}");
            var context = SmokeRun.Context(new SpikingProtocol(), 3, data, folder);
            var labels = data.Test.Labels.narrow(0, 0, count);
            return new SpikingAttacks(context, sizes, models, data.Test.Images(0, count), labels, (labels + 1).remainder(10)).WhiteBox("standard")
                .Single().Attacked;
        }
    }

    // Mean grey passes, a white image is refused: the auto-encoder answers everything with grey.
    [Fact]
    public void A_refusal_is_a_class_of_its_own()
    {
        using var scope = NewDisposeScope();
        using var classify = new LinearModel(classes: 3, scale: 0.2);
        using var grey = new Grey();
        grey.eval();
        var model = classify.Classifier();
        var (x, _) = classify.Data(4);
        var panel = new DetectorPanel([new PanelMember(new ReconstructionDetector(grey, Bounds.Unit, 1), 0.3, 1)]);
        using var network = new RefusingNetwork(new MagNet(model, new Reformer(grey, Bounds.Unit), panel));
        var logits = network.call(cat([full_like(x.narrow(0, 0, 1), 0.5), ones_like(x.narrow(0, 0, 1))]));
        logits.shape.Should().Equal(2, 4);
        logits.argmax(1).data<long>().ToArray().Should().Equal([model.Logits(full_like(x.narrow(0, 0, 1), 0.5)).argmax(1).ToInt64(), 3]);
    }

    private static string Report(string folder)
    {
        using var data = SmokeRun.Data(3, 300, 40).Result;
        var protocol = new SpikingProtocol();
        var before = Leaks.Live();
        var report = SmokeRun.EndsAlikeWhenItsEndIsLost(() => protocol.Run(SmokeRun.Context(protocol, 3, data, folder)), folder);
        (Leaks.Live() - before).Should().Be(0, "the protocol leaves no tensor behind");
        return ProtocolFiles.Write(report with { Timing = null });
    }

    private sealed class Grey() : nn.Module<Tensor, Tensor>("grey")
    {
        public override Tensor forward(Tensor x) => x * 0 + 0.5;
    }

    // Counts of two decisions each, by scheme, model and image.
    private static SchemeTransfer Trial(params (string Scheme, int[][] Met)[] schemes) => new("A", 0, [0.5, 1.5, 2.5], [true, true, true],
        schemes.ToDictionary(each => each.Scheme, each => each.Met.Select(met => new JudgeCounts(met, [0, 0, 0], 2)).ToArray()));
}
