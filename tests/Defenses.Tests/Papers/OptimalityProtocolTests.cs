using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Tests.Contracts;
using Defenses.Tests.Pages;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>Attacks against their envelope.</summary>
public sealed class OptimalityProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("optimality-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_run_that_goes_on_after_a_stop_ends_with_the_same_report()
    {
        using var data = await SmokeRun.Data(5, 64, 8);
        var sizes = OptimalitySizes.Of("smoke", "synthetic", 2) is var smoke
            ? smoke with { Training = (64, 1, 32, 0.05), Effort = smoke.Effort with { Norms = ["Linf"], Attacks = ["Pdpgd", "DeepFool"], Steps = [1] } }
            : null!;
        ProtocolReport Run() => OptimalityProtocol.Run(SmokeRun.Context(new OptimalityProtocol(), 5, data, _folder), sizes);
        var whole = SmokeRun.EndsAlikeWhenItsEndIsLost(Run, _folder);
        whole.Page.Sections.Select(section => section.Tables[0].Rows.Count).Should().Equal(1, 2);
        Leaks.None(() => Run());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    public void On_a_linear_model_the_envelope_is_the_distance_to_the_boundary_and_good_attacks_lie_on_it(double noise)
    {
        using var linear = new LinearModel();
        using var network = nn.Sequential(("noise", new GaussianNoise(noise)), ("linear", linear));
        network.eval();
        using var scope = NewDisposeScope();
        var (x, labels) = linear.Data(6);
        var exact = Distances(linear, x, labels);
        var effort = new OptimalityEffort(6, ["L2"], [3, 40], 3, 51) { Attacks = ["Fmn", "Ddn"] };
        var results = new OptimalityMeasurement(Steps(), effort, (first, count) => (x.narrow(0, first, count), labels.narrow(0, first, count))).Measure(
            [new("model", noise > 0 ? new Classifier(network, Bounds.Unit) : linear.Classifier())], null);
        var norm = results.Norms.Single();
        norm.Envelopes["model"].Zip(exact).Should().OnlyContain(image => image.First >= image.Second * (noise > 0 ? 0.5 : 1 - 1e-4)
            && image.First <= image.Second * (noise > 0 ? 1.5 : 1.02));
        norm.Strongest.Should().HaveCount(2).And.OnlyContain(row => row.Steps == 40 && row.Global > 0.8);
        OptimalityRow Fmn(int steps) => norm.Rows.Single(row => row.Attack == "Fmn" && row.Steps == steps);
        Fmn(3).Passes.Should().BeLessThan(Fmn(40).Passes!.Value, "fewer steps cost less");
    }

    [Fact]
    public void What_others_found_enters_the_envelope_and_what_is_left_is_said()
    {
        var page = new OptimalityPage(Results(ReferenceChanges.Read("""
            {"attacks":{"m/fmn_l2":{"success":[1,1,0],"size":[0.5,2,7]}, "m/fmn_l1":{"success":[1],"size":[1]}},"best":{"m/l2":[9,9,9]}}
            """)), "digits").Make();
        var table = page.Sections[1].Tables[0];
        table.Rows.Select(row => row.Name).Should().BeEquivalentTo("all attacks here", "Good", "Poor", "fmn, by others");
        // D = 3. Without success 9, the envelope 0.5 + 2 + 3 = 5.5, ours 1 + 2 + 3.
        table.Rows[0].Cells[0].Value.Should().BeApproximately((9.0 - 6) / (9 - 5.5), 1e-12);
        page.Findings.Should().Contain(finding =>
            finding.Title == "Others' changes" && finding.Severity == Severity.Warning && finding.Reason.Contains("0.857"));
        page.ToMarkdown().Should().Contain("fmn, by others");
        page.ToHtml().Should().Contain("Robust accuracy over ε in L2: m");
    }

    [Fact]
    public void Results_come_back_as_others_changes()
    {
        var results = Results(null);
        var read = ReferenceChanges.Read(Json.Text(ReferenceChanges.From(results)));
        read.Models.Should().Equal("m");
        read.Of("m", "L2", [false, false, false], false).Select(found => (found.Attack, found.Sizes.ToArray())).Should().BeEquivalentTo(
            results.Norms[0].Strongest.Select(row => (row.Attack + ", by others", row.Changes["m"].Sizes.ToArray())));
    }

    [Theory]
    [InlineData("[]", "no JSON with attacks and best")]
    [InlineData("{", "no JSON with attacks and best")]
    [InlineData("{}", "no attacks and no best")]
    [InlineData("""{"attacks":{"m/fmn_l2":{"success":[1],"size":[1,2]}}}""", "attacks[\"m/fmn_l2\"]")]
    [InlineData("""{"attacks":{"m/fmn_l2":{"success":[1],"size":[-1]}}}""", "attacks[\"m/fmn_l2\"]")]
    [InlineData("""{"attacks":{"m/fmn_l2":null}}""", "attacks[\"m/fmn_l2\"]")]
    [InlineData("""{"best":{"m/l2":[-1]}}""", "best[\"m/l2\"]")]
    [InlineData("""{"best":{"m/l2":[1, 2]}}""", "2 images; 3 are attacked")]
    [InlineData("""{"best":{"m/l2":[1, 0, 1]}}""", "errs at image 1")]
    public void Changes_of_others_that_cannot_be_right_are_refused(string json, string named) =>
        FluentActions.Invoking(() => ReferenceChanges.Read(json).Of("m", "L2", [false, false, false], false).ToArray()).Should()
            .Throw<InvalidDataException>().WithMessage($"*{named}*");

    [Fact]
    public void Every_attack_of_a_norm_has_the_norm_and_a_name_of_its_own()
    {
        foreach (var norm in SmallestAttacks.Norms.Values)
        {
            var attacks = SmallestAttacks.All(norm, 100).ToArray();
            attacks.Should().OnlyContain(one => one.Attack.Norm == norm).And.OnlyHaveUniqueItems(one => one.Name);
            attacks.Length.Should().BeGreaterThan(5);
        }
    }

    // In L2: of all boundaries the nearest, |z_k − z_y| / ‖w_k − w_y‖.
    private static double[] Distances(LinearModel linear, Tensor x, Tensor labels)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var logits = linear.call(x);
        var margins = logits.gather(1, labels.unsqueeze(1)) - logits;
        var normals = (linear.Weight.index_select(0, labels).unsqueeze(1) - linear.Weight.unsqueeze(0)).square().sum(2).sqrt();
        var own = nn.functional.one_hot(labels, logits.shape[1]).to_type(ScalarType.Bool);
        return [.. (margins / normals).masked_fill(own, double.PositiveInfinity).amin(1).to_type(ScalarType.Float64).data<double>()];
    }

    private static OptimalityResults Results(ReferenceChanges? references)
    {
        FoundChanges Found(string attack, int steps, params double[] sizes) => new("m", "L2", attack, steps, sizes) { Passes = new(steps, steps) };
        bool[] errors = [false, false, false];
        return new([new("m", false, errors)], new(3, ["L2"], [10, 100], 1, 1),
        [
            Found("Good", 10, 2, 2, 4), Found("Good", 100, 1, 2, 3), Found("Poor", 100, 2, double.PositiveInfinity, 3),
            .. references?.Of("m", "L2", errors, false) ?? [],
        ]);
    }

    private ProtocolSteps Steps() => SmokeRun.Context(new OptimalityProtocol(), 3, Sets.Noise("noise", false), _folder).Steps;
}
