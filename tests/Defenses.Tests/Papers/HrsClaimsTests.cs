using Defenses.Layers;
using Defenses.Metrics;
using Defenses.Pages;
using Defenses.Papers;
using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Tests.Papers;

/// <summary>What the HRS protocol says of the paper's claims, on numbers that are given.</summary>
public sealed class HrsClaimsTests : IDisposable
{
    private const int Images = 200;

    private static readonly string[] s_names = ["base", "SAP", "Gaussian 0.2/0.1", "adv. training 16/255", "HRS 2×2", "HRS 4×4"];

    private readonly List<IDisposable> _made = [];

    public void Dispose()
    {
        foreach (var made in _made) made.Dispose();
    }

    [Theory]
    [InlineData(0.7, "confirmed")]
    [InlineData(0.41, "not decided at this size")]
    [InlineData(0.2, "refuted")]
    public void Whether_HRS_holds_most_targets_turns_with_what_it_holds(double held, string verdict)
    {
        var claims = Claims(Results(held));
        foreach (var when in new[] { "PGD as published", "EOT", "C&W in L2", "More channels" }) Verdict(claims.Published(), when).Should().Be(verdict, when);
        foreach (var when in new[] { "on all paths (the others", "every other random defense under the attack that is worst",
            "unprotected network under the attack", "adversarial training under", "any wrong class" })
            Verdict(claims.Stronger(), when).Should().Be(verdict, when);
    }

    [Theory]
    [InlineData(0.7, "The paper's order is found", "A gain remains against the worst attack", "Switching holds more than adversarial training")]
    [InlineData(0.41, "Whether switching holds the most, as the paper says, is open", "No clear gain against the worst attack",
        "Adversarial training and switching do not differ clearly")]
    [InlineData(0.2, "The paper's order is not found", "No clear gain against the worst attack", "Adversarial training holds more than switching")]
    public void The_findings_say_what_the_claims_say(double held, params string[] titles) =>
        new HrsFindings(Results(held), HrsSizes.Of("paper", isColor: false)).All().Select(finding => finding.Title).Should().Contain(titles);

    // 52 against 40 % of 200 images: apart not to tell from chance, in pairs it is.
    [Fact]
    public void Differences_are_judged_image_by_image()
    {
        double[] hard = [.. Enumerable.Range(0, Images).Select(image => image % 10 < 6 ? 1.0 : 0)];
        var results = Results(0.4);
        var cells = results.Cells.ToDictionary();
        foreach (var key in cells.Keys.Where(key => key is { Attack: "PGD" }))
            cells[key] = new SuccessRates([.. hard.Select((success, image) => key.Defense == "HRS 4×4" && image % 10 == 0 ? 0.2 : success)]);
        var (own, other) = (cells[("HRS 4×4", "PGD", "published", 64)], cells[("SAP", "PGD", "published", 64)]);
        own.DefenseRate.Lower.Should().BeLessThan(other.DefenseRate.Upper);
        Verdict(Claims(results with { Cells = cells }).Published(), "every other random defense under PGD").Should().Be("confirmed");
    }

    [Fact]
    public void Nothing_is_decided_by_networks_that_have_not_learnt_their_task()
    {
        var results = Results(0.7) with { Accuracy = s_names.ToDictionary(name => name, _ => new Proportion(20, 100)) };
        var claims = Claims(results);
        claims.Published().Concat(claims.Stronger()).Should().OnlyContain(claim => claim.Verdict == PaperClaim.NotDecided);
        claims.Section().Text.Should().Contain(text => text.Contains("have not learnt"));
    }

    [Fact]
    public void A_defense_that_has_not_learnt_the_task_is_left_out_of_the_comparisons()
    {
        var results = Results(0.7);
        var accuracy = results.Accuracy.ToDictionary();
        accuracy["SAP"] = new Proportion(100, 1_000);
        var claims = Claims(results with { Accuracy = accuracy });
        claims.Published().Should().NotContain(claim => claim.Ours.Contains("SAP"));
        claims.Section().Text.Should().Contain(text => text.Contains("Left out") && text.Contains("SAP"));
    }

    [Theory]
    [InlineData(0.0005, "confirmed", "confirmed")]
    [InlineData(0.005, "confirmed", "refuted")]
    [InlineData(0.03, "refuted", "refuted")]
    public void What_accuracy_HRS_costs_is_compared_with_a_point_and_with_what_the_paper_prints(double lost, string little, string printed)
    {
        double[] plain = [.. Enumerable.Range(0, 10_000).Select(image => image % 50 == 0 ? 0.0 : 1)];
        var results = Results(0.7) with
        {
            Answers = new Dictionary<string, HrsAnswers>
            {
                ["base"] = new(plain, 1), ["HRS 4×4"] = new([.. plain.Select(right => right * (1 - lost / 0.98))], 0),
            },
        };
        var claims = Claims(results).Published();
        Verdict(claims, "costs little accuracy").Should().Be(little);
        Verdict(claims, "no more accuracy than the paper prints: 0.19 points on MNIST").Should().Be(printed);
    }

    [Theory]
    [InlineData(0.9, "confirmed")]
    [InlineData(0.3, "refuted")]
    public void The_deviation_of_gradients_is_compared_image_by_image(double own, string verdict)
    {
        var results = Results(0.7);
        var gradients = results.Gradients.ToDictionary();
        gradients["HRS 4×4"] = Spread(own);
        Verdict(Claims(results with { Gradients = gradients }).Published(), "The gradients of HRS deviate more").Should().Be(verdict);
    }

    [Theory]
    [InlineData(0.2, 0.5, 0.8, "confirmed", "confirmed")]
    [InlineData(0.2, 0.8, 0.5, "refuted", "confirmed")]
    [InlineData(0.2, 0.21, 0.8, "not decided at this size", "confirmed")]
    public void Blocks_must_add_to_what_is_held_one_by_one(double one, double two, double three, string verdict, string cost)
    {
        HrsBlockCount Row(int blocks, double held, double accuracy) => new(blocks, blocks, new Proportion(10_000 * accuracy, 10_000),
            new Dictionary<int, SuccessRates> { [16] = Held(0.9), [64] = Held(held) }, Held(held), Held(held));
        var claims = Claims(Results(0.7) with { Blocks = [Row(1, one, 0.79), Row(2, two, 0.79), Row(3, three, 0.75)] });
        Verdict(claims.Published(), "More blocks").Should().Be(verdict);
        Verdict(claims.Stronger(), "More blocks").Should().Be(verdict);
        Verdict(claims.Published(), "third block costs").Should().Be(cost);
        Claims(Results(0.7) with { Blocks = [Row(1, one, 0.79), Row(2, two, 0.79)] }).Published().Should()
            .NotContain(claim => claim.Text.Contains("third block"));
    }

    [Theory]
    [InlineData(0.9, 0.5, "confirmed")]
    [InlineData(0.5, 0.9, "refuted")]
    [InlineData(0.25, 0.1, "not decided at this size")]   // the layer has learnt before neither network
    public void Reprogramming_is_judged_for_each_kernel_and_view(double plain, double own, string verdict)
    {
        HrsProgram Program(string defense, string setting, double accuracy, int kernel) =>
            new(defense, setting, new Proportion(1_000 * accuracy, 1_000), []) { Kernel = kernel };
        var claims = Claims(Results(0.7) with
        {
            Programs = [Program("base", "the network", plain, 3), Program("HRS 4×4", "one draw", own, 3), Program("HRS 4×4", "all paths", own, 3),
                Program("base", "the network", 0.9, 2), Program("HRS 4×4", "one draw", 0.2, 2)],
        });
        Verdict(claims.Published(), "reprogramming", "kernel 3").Should().Be(verdict);
        Verdict(claims.Published(), "reprogramming", "kernel 2").Should().Be("confirmed");
        Verdict(claims.Stronger(), "reprogramming", "kernel 3").Should().Be(verdict);
        claims.Stronger().Should().NotContain(claim => claim.Text.Contains("kernel 2"), "it was not run");
        claims.Published().Should().NotContain(claim => claim.Ours.Contains("not MNIST's"));
    }

    [Fact]
    public void Digits_that_are_not_MNIST_s_are_told_beside_the_claim_and_warned_of()
    {
        HrsProgram Program(string defense, string setting) =>
            new(defense, setting, new Proportion(900, 1_000), []) { Task = "Drawn", IsOnMnist = false };
        var results = Results(0.7) with { Programs = [Program("base", "the network"), Program("HRS 4×4", "one draw")] };
        Claims(results).Published().Single(claim => claim.Text.Contains("reprogramming")).Ours.Should().Contain("not MNIST's (Drawn)");
        new HrsFindings(results, HrsSizes.Of("smoke", isColor: true)).All().Should().ContainSingle(finding => finding.Title.Contains("not MNIST's"))
            .Which.Severity.Should().Be(Severity.Warning);
    }

    [Fact]
    public void On_CIFAR_10_the_text_says_that_all_other_attacks_succeed()
    {
        var results = Results(0.7, others: 0.01) with { Strengths = [8] };
        var cells = results.Cells.Where(cell => cell.Key.Strength == 64).ToDictionary(cell => cell.Key with { Strength = 8 }, cell => cell.Value);
        Verdict(new HrsClaims(results with { Cells = cells }, "cifar10").Published(), "all attacks on the other").Should().Be("confirmed");
        Claims(results with { Cells = cells }).Published().Should().NotContain(claim => claim.Text.Contains("all attacks on the other"));
    }

    // The accuracy of repeated evaluations differs by what the draws change: √(Σ p(1 − p))/N.
    [Fact]
    public void Deviation_over_evaluations_is_the_same_from_all_paths_and_from_two_answers()
    {
        new HrsAnswers([.. Enumerable.Repeat(0.5, 100)], 0).Deviation!.Value.Should().BeApproximately(0.05, 1e-12);
        new HrsAnswers([.. Enumerable.Range(0, 100).Select(image => image % 4 == 0 ? 0.0 : image % 4 == 1 ? 1 : 0.5)], 2).Deviation!.Value
            .Should().BeApproximately(0.05, 1e-12, "two answers of a fair coin differ half of the time");
        new HrsAnswers([1, 0, 1], 0).Deviation!.Value.Should().Be(0);
        new HrsAnswers([1, 0, 1], 1).Deviation.Should().BeNull();
    }

    private static HrsClaims Claims(HrsResults results) => new(results, "mnist");

    private static string Verdict(IEnumerable<PaperClaim> claims, params string[] words) =>
        claims.First(claim => words.All(word => claim.Text.Contains(word))).Verdict;

    // Every defense holds as much, but the widest switching network.
    private HrsResults Results(double held, double others = 0.4)
    {
        HrsDefense[] defenses = [.. s_names.Select(Defense)];
        double Of(string name) => name == "HRS 4×4" ? held : others;
        string[] settings = ["published", "repaired", "EOT", "all paths", "transfer"], attacks = ["FGSM", "PGD", "CW-PGD"];
        return new HrsResults
        {
            Defenses = defenses, Strengths = [16, 64], Accuracy = s_names.ToDictionary(name => name, _ => new Proportion(970, 1_000)), Paths = default,
            Gradients = s_names.ToDictionary(name => name, name => Spread(name == "HRS 4×4" ? 0.8 : name is "base" or "adv. training 16/255" ? 0 : 0.5)),
            Cells = (from name in s_names from attack in attacks from setting in settings from strength in new[] { 16, 64 }
                select (name, attack, setting, strength)).ToDictionary(key => key, key => Held(Of(key.name))),
            Untargeted = (from name in s_names from attack in new[] { "CW-PGD", "CW-PGD, all paths", "ARC, all paths" } from strength in new[] { 16, 64 }
                select (name, attack, strength)).ToDictionary(key => key, key => Held(Of(key.name))),
            Searches = s_names.ToDictionary(name => name, name => (IReadOnlyList<HrsSearch>)
                [.. new[] { "one draw", "all paths" }.Select(setting => new HrsSearch(5, setting, new bool[9 * Images],
                    [.. Enumerable.Repeat(1 - Of(name), 9 * Images)], new double[9 * Images]))]),
        };
    }

    private HrsDefense Defense(string name)
    {
        var family = name.StartsWith("adv") ? "adv. training" : name.Split(' ')[0];
        nn.Module<Tensor, Tensor> network = family is "base" or "adv. training" ? nn.Identity() : new GaussianNoise(0.1);
        network.eval();
        _made.Add(network);
        return new HrsDefense(name, family, name == "HRS 4×4" ? 4 : 2, network);
    }

    private static SuccessRates Held(double rate) => new([.. Enumerable.Repeat(1 - rate, Images)]);

    // The same for each image, but for a little that differs.
    private static GradientDeviationResult Spread(double value)
    {
        double[] examples = [.. Enumerable.Range(0, 9 * 30).Select(example => value + 0.01 * Math.Sin(example))];
        var mean = SampleMean.StudentT(examples);
        return new GradientDeviationResult(mean, mean, mean, 50, examples);
    }
}
