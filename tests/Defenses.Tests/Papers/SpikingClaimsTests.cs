using Defenses.Metrics;
using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Tests.Papers;

/// <summary>What the Random Spiking protocol says of the paper's claims, on numbers that are given.</summary>
public sealed class SpikingClaimsTests
{
    private const int Images = 200;

    private static readonly string[] s_schemes = ["standard", "dropout", "RS-1", "RS-1-adv", "dropout-adv", "RS-1-adv (vote)", "MagNet"];

    [Theory]
    [InlineData(3, 5, "confirmed", "confirmed")]
    [InlineData(1, 1, "refuted", "refuted")]
    [InlineData(3, 2.5, "confirmed", "refuted")]
    public void How_far_random_spiking_moves_the_attacker_turns_with_the_distances(double spiking, double augmented, string more, string most)
    {
        var claims = new SpikingClaims(Results(scheme => scheme switch { "RS-1" => spiking, "RS-1-adv" => augmented, _ => 2 }), "fashion-mnist");
        foreach (var models in new[] { "one model", "several models" })
        {
            Verdict(claims.Published(), models, "on RS-1 than on standard").Should().Be(more);
            Verdict(claims.Published(), models, "on RS-1-adv than on every").Should().Be(most);
        }
        Verdict(claims.Stronger(), "larger change on RS-1 than").Should().Be(more);
        Verdict(claims.Published(), "To fool several models").Should().Be("confirmed");
    }

    [Fact]
    public void Where_the_paper_prints_no_larger_distance_nothing_is_claimed()
    {
        var claims = new SpikingClaims(Results(_ => 2), "mnist");
        claims.Published().Should().NotContain(claim => claim.Text.Contains("one model needs a larger change on RS-1 than"));
        claims.Published().Single(claim => claim.Text.Contains("one model needs a larger change on RS-1-adv")).Ours.Should().NotContain("dropout-adv")
            .And.Contain("MagNet", "2.22 is below 2.36, 2.44 is not").And.NotContain("vote");
        claims.Section().Text.Should().Contain(text => text.Contains("no larger distance"));
    }

    [Theory]
    [InlineData(0.1, "confirmed")]
    [InlineData(0.5, "not decided at this size")]
    [InlineData(0.9, "refuted")]
    public void Transfer_turns_with_the_examples_that_reach_their_target(double own, string verdict)
    {
        var claims = new SpikingClaims(Results(_ => 2, scheme => scheme == "RS-1-adv" ? own : 0.5), "mnist").Published();
        Verdict(claims, "unseen model of RS-1-adv less often than of every other").Should().Be(verdict);
        Verdict(claims, "unseen model of RS-1-adv less often than of dropout-adv").Should().Be(verdict);
        Verdict(claims, "made on any third scheme").Should().Be(verdict);
    }

    [Theory]
    [InlineData("fashion-mnist", 0.9, "RS-1-adv keeps more predictions than every other scheme under noise", "confirmed")]
    [InlineData("fashion-mnist", 0.3, "RS-1-adv keeps more predictions than every other scheme under JPEG", "refuted")]
    [InlineData("mnist", 0.9, "keep more than 99 % of predictions under noise", "refuted")]
    [InlineData("mnist", 0.9, "MagNet keeps near 0", "refuted")]
    public void Stability_is_judged_where_the_text_speaks_of_it(string dataSet, double augmented, string words, string verdict) =>
        Verdict(new SpikingClaims(Results(_ => 2, stable: scheme => scheme == "RS-1-adv" ? augmented : 0.5), dataSet).Published(), words).Should().Be(verdict);

    [Theory]
    [InlineData(0.97, "confirmed")]
    [InlineData(0.80, "refuted")]
    public void The_accuracy_lost_is_compared_with_what_the_paper_prints(double spiking, string verdict) =>
        Verdict(new SpikingClaims(Results(_ => 2, accuracy: scheme => scheme.StartsWith("RS") ? spiking : 0.97), "cifar10").Published(),
            "costs little accuracy").Should().Be(verdict);

    [Fact]
    public void Claims_about_schemes_that_are_missing_are_left_out()
    {
        var whole = Results(_ => 2);
        var few = whole with
        {
            Accuracy = [.. whole.Accuracy.Where(each => each.Scheme is "standard" or "RS-1")],
            WhiteBox = [.. whole.WhiteBox.Where(each => each.Scheme is "standard" or "RS-1")],
            Transfer = [.. whole.Transfer.Where(each => each.Crafted is "standard" or "RS-1").Select(each => each with
                { Verdicts = each.Verdicts.Where(tested => tested.Key is "standard" or "RS-1").ToDictionary() })],
            Noise = [.. whole.Noise.Where(each => each.Name is "standard" or "RS-1")], Jpeg = [],
        };
        foreach (var dataSet in new[] { "mnist", "fashion-mnist", "cifar10" })
        {
            var claims = new SpikingClaims(few, dataSet);
            claims.Published().Should().NotBeEmpty().And.NotContain(claim => claim.Text.Contains("RS-1-adv") || claim.Text.Contains("JPEG"));
            claims.Section().Tables.Should().NotBeEmpty();
        }
        new SpikingClaims(few with { Accuracy = [few.Accuracy[0]], WhiteBox = [few.WhiteBox[0]], Transfer = [], Noise = [] }, "mnist").Published()
            .Should().BeEmpty();
    }

    [Fact]
    public void Nothing_is_decided_by_networks_that_have_not_learnt_their_task()
    {
        var claims = new SpikingClaims(Results(_ => 2, accuracy: scheme => scheme == "RS-1" ? 0.1 : 0.97), "mnist");
        claims.Published().Concat(claims.Stronger()).Should().NotBeEmpty().And.OnlyContain(claim => claim.Verdict == PaperClaim.NotDecided);
    }

    private static string Verdict(IEnumerable<PaperClaim> claims, params string[] words) =>
        claims.First(claim => words.All(word => claim.Text.Contains(word))).Verdict;

    // Distances by scheme (a tenth more for several models), the share that reaches its target, of stable predictions, and of images recognised.
    internal static SpikingResults Results(Func<string, double> distance, Func<string, double>? reached = null, Func<string, double>? stable = null,
        Func<string, double>? accuracy = null)
    {
        SpikingResults.StabilityCurve Curve(string name, double[] strengths) => new(name, strengths, [.. strengths.Select(_ =>
            new PredictionStabilityResult(new Proportion(300 * (stable?.Invoke(name) ?? 0.5), 300), null, 5))]);
        return new SpikingResults
        {
            Accuracy = [.. s_schemes.Select(scheme => new SpikingResults.SchemeAccuracy(scheme, new Proportion(97, 100), new Proportion(97, 100),
                [.. new[] { -0.001, 0, 0.001 }.Select(off => (accuracy?.Invoke(scheme) ?? 0.97) + off)]))],
            WhiteBox = [.. s_schemes.SelectMany(scheme => Views(scheme).Select(view => new SpikingResults.WhiteBoxResult(scheme, view, 0,
                new AttackedImages([], Around(distance(scheme)), All(true)), new JudgeCounts([.. Enumerable.Repeat(5, Images)], new int[Images], 5))))],
            Transfer = [.. s_schemes.Select(crafted => new SchemeTransfer(crafted, 0, Around(1.1 * distance(crafted)), All(true),
                s_schemes.ToDictionary(tested => tested, tested => Verdicts(crafted, tested, reached?.Invoke(tested) ?? 0.5))))],
            Region = [], Noise = [.. s_schemes.Select(scheme => Curve(scheme, [2.5, 5]))], Jpeg = [.. s_schemes.Select(scheme => Curve(scheme, [10, 70]))],
        };
    }

    private static string[] Views(string scheme) =>
        scheme == "MagNet" ? ["without the detectors"] : scheme.StartsWith("RS") ? ["one draw", "EOT 4"] : ["the model"];

    // Two validation models; of the attacker's own scheme both are fooled by the median decision, or a little less often.
    private static JudgeCounts[] Verdicts(string crafted, string tested, double share) =>
        [.. Enumerable.Range(0, 2).Select(_ => new JudgeCounts(
            [.. Enumerable.Range(0, Images).Select(image => image < share * Images ? 5 : crafted == tested ? 3 : 0)], new int[Images], 5))];

    private static double[] Around(double value) => [.. Enumerable.Range(0, Images).Select(image => value + 0.1 * Math.Sin(image))];

    private static bool[] All(bool value) => [.. Enumerable.Repeat(value, Images)];
}
