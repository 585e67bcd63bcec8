using Defenses.Papers;
using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>The verdicts on the claims of the MVM paper, which must turn with the numbers.</summary>
public sealed class MvmClaimsTests
{
    [Theory]
    [InlineData(1, 0, "confirmed")]
    [InlineData(0, 0, "not decided at this size")]
    [InlineData(0, 1, "refuted")]
    public void The_order_of_detectors_is_told_attack_by_attack(int guard, int pruning, string verdict) =>
        Claims(guard, pruning).Single(claim => claim.Text.StartsWith("MVM, c = N/2 finds FGSM, BIM-A, JSMA better than SAP, 50 %")).Verdict
            .Should().Be(verdict);

    // In the paper dropout finds BIM-A and JSMA a little better, and c = N BIM-A.
    [Fact]
    public void Where_the_paper_has_another_detector_in_front_that_is_the_claim()
    {
        var claims = Claims(guard: 1, other: 0);
        claims.Single(claim => claim.Text.StartsWith("dropout 0.5 finds BIM-A, JSMA better than MVM, c = N/2")).Verdict.Should().Be("refuted");
        claims.Single(claim => claim.Text.StartsWith("MVM, c = N/2 finds FGSM better than dropout 0.5")).Verdict.Should().Be("confirmed");
        claims.Single(claim => claim.Text.StartsWith("MVM, c = N finds BIM-A better than MVM, c = N/2")).Verdict.Should().Be("refuted");
        claims.Single(claim => claim.Text.StartsWith("MVM, c = N/2 finds FGSM, JSMA better than MVM, c = N ")).Ours.Should().Contain("paper +0.099");
    }

    [Theory]
    [InlineData(60, "confirmed")]
    [InlineData(55, "not decided at this size")]
    [InlineData(30, "refuted")]
    public void Attacks_must_leave_fewer_than_one_answer_in_ten(int fooled, string verdict) =>
        Claims(1, 0, fooled: fooled).Single(claim => claim.Where == "Table 2").Verdict.Should().Be(verdict);

    [Theory]
    [InlineData(0, "confirmed")]
    [InlineData(30, "not decided at this size")]
    [InlineData(60, "refuted")]
    public void An_attack_that_knows_the_detector_and_one_that_goes_on_are_claims_of_their_own(int passed, string verdict)
    {
        var claim = Claims(1, 0, passed: passed).Single(each => each.Text.Contains("knows it"));
        claim.Verdict.Should().Be(verdict);
        claim.Where.Should().Be("not in the paper");
        Claims(1, 0, passed: 60 - passed).Single(each => each.Text.Contains("goes on")).Verdict.Should().Be(verdict);
    }

    [Fact]
    public void A_data_set_that_the_paper_does_not_have_has_no_claims_and_an_untrained_network_decides_none()
    {
        Claims(1, 0, key: "fashion-mnist").Should().BeEmpty();
        Claims(1, 0, right: 10).Should().NotBeEmpty()
            .And.OnlyContain(claim => claim.Verdict == "not decided at this size" && claim.Ours.Contains("not learnt"));
    }

    // 60 images: a detector at 1 tells all attacked ones apart, one at 0 none.
    private static PaperClaim[] Claims(int guard, int other, int fooled = 60, int passed = 0, int right = 98, string key = "mnist")
    {
        using var data = Sets.Noise(key, isColor: false);
        var task = MvmTask.For(data);
        string[] names = [MvmDetectors.Half, MvmDetectors.Whole, MvmDetectors.Double, "SAP, 50 %", "dropout 0.5"];
        MvmRow[] rows = [.. names.Select(name => new MvmRow(name, Never, IsFitted: false, task.Areas.TryGetValue(name, out var areas)
            ? MvmAttacks.Names.Zip(areas).ToDictionary(pair => pair.First, pair => pair.Second) : []))];
        var results = new MvmResults();
        foreach (var row in rows)
            foreach (var kind in MvmAttacks.Names.Prepend(DetectorScores.Clean))
                results.Add(row, kind, [.. Enumerable.Range(0, 60).Select(i => new double[] { (7 * i % 60) + (kind == DetectorScores.Clean ? 0
                    : 60 * (row.Name == MvmDetectors.Half ? guard : other)) })]);
        foreach (var attack in MvmAttacks.Names)
            results.Add(attack, new AttackOutcome([.. Enumerable.Range(0, 60).Select(i => i < fooled)], [.. Enumerable.Repeat(1.0, 60)]));
        MvmFindings.Against Passing(int count) =>
            new("attack", new Proportion(60, 60), [.. Enumerable.Range(0, 60).Select(i => i < count ? 1.0 : 0.0)], new Estimate(0.5, 0.4, 0.6));
        return [.. new MvmClaims(results, rows, task, new Proportion(right, 100)).All(Passing(passed), Passing(60 - passed))];
    }

    private static double[][] Never(Tensor images, ulong seed, CancellationToken stop) => throw new InvalidOperationException();
}
