using Defenses.Metrics;
using Defenses.Papers;
using Defenses.Statistics;

namespace Defenses.Tests.Papers;

/// <summary>The verdicts on the claims of the JumpReLU paper, which must turn with the numbers.</summary>
public sealed class JumpClaimsTests
{
    [Theory]
    [InlineData(0.30, "confirmed")]
    [InlineData(0.11, "not decided at this size")]
    [InlineData(0.02, "refuted")]
    public void Larger_changes_are_told_from_their_intervals(double change, string verdict) =>
        Verdict(Sample(change: change), "Plain network: JumpReLU κ 1 needs larger changes").Should().Be(verdict);

    [Fact]
    public void One_smaller_step_of_many_thresholds_refutes_that_changes_grow_with_them()
    {
        JumpResults Of(double kappa, double change) => Sample(change: 0.3) is var sample ? sample with
        {
            Tables = sample.Tables with
            {
                Accuracy = [.. sample.Tables.Accuracy, new(JumpModel.NameOf(kappa), false, new Proportion(980, 1000))],
                Attacked = [.. sample.Tables.Attacked, .. sample.Tables.Attacked.Where(row => row.Model == "ReLU")
                    .Select(row => row with { Model = JumpModel.NameOf(kappa), Changes = Changes(change) })],
            },
        } : sample;
        const string Claim = "Plain network: the larger κ";
        Verdict(Of(0.5, 0.2), Claim).Should().Be("confirmed");
        Verdict(Of(0.5, 0.05), Claim).Should().Be("refuted");
        Verdict(Of(1.5, 0.4), Claim).Should().Be("confirmed");
        Verdict(Of(1.5, 0.2), Claim).Should().Be("refuted");
        Claims(Of(1.5, 0.2)).Should().ContainSingle(claim => claim.Text.Contains("the larger κ")).Which.Where.Should().Be("beyond the paper's κ");
        Claims(Sample()).Should().NotContain(claim => claim.Text.Contains("the larger κ"), "two thresholds are the claim before");
    }

    [Theory]
    [InlineData(900, "confirmed")]
    [InlineData(520, "not decided at this size")]
    [InlineData(100, "refuted")]
    public void The_white_and_the_gray_box_are_told_apart(int kept, string verdict)
    {
        Verdict(Sample(white: kept), "Plain network: under white-box PGD JumpReLU").Should().Be(verdict);
        Verdict(Sample(white: kept), "Plain network: in the gray box").Should().Be("confirmed", "that one has numbers of its own");
        Verdict(Sample(gray: kept), "Plain network: in the gray box").Should().Be(verdict);
    }

    // Each image that rectifiers get right, jumps get right, and twenty more: two rates apart do not tell 520 from 500.
    [Fact]
    public void Attacked_models_are_compared_image_by_image()
    {
        double[] First(int right) => [.. Enumerable.Range(0, 1000).Select(image => image < right ? 1.0 : 0)];
        var tables = Sample().Tables;
        var attacked = tables.Attacked.Select(row => row.Attack == "PGD" ? row with { Right = First(row.Model == "JumpReLU κ 1" ? 520 : 500) } : row);
        Verdict(Sample() with { Tables = tables with { Attacked = [.. attacked] } }, "Plain network: under white-box PGD JumpReLU").Should().Be("confirmed");
        ProportionDifference.Between(new Proportion(520, 1000), new Proportion(500, 1000)).Lower.Should().BeNegative();
    }

    [Theory]
    [InlineData(979, "confirmed")]
    [InlineData(955, "not decided at this size")]
    [InlineData(800, "refuted")]
    public void A_loss_is_small_at_two_points(int clean, string verdict) =>
        Verdict(Sample(clean: clean), "Plain network: JumpReLU κ 1 costs").Should().Be(verdict);

    [Theory]
    [InlineData(900, "confirmed")]
    [InlineData(700, "refuted")]
    public void Random_thresholds_are_compared_with_the_fixed_one(int kept, string verdict)
    {
        var sample = Sample(white: 800);
        var tables = sample.Tables with
        {
            Accuracy = [.. sample.Tables.Accuracy, new("random κ in [0.6, 1]", false, new Proportion(980, 1000))],
            Attacked = [.. sample.Tables.Attacked, new("random κ in [0.6, 1]", "PGD", Shares(kept), Changes(0.1))],
        };
        Verdict(sample with { Tables = tables }, "Plain network: under white-box PGD random κ").Should().Be(verdict);
    }

    [Theory]
    [InlineData(900, 300, "confirmed")]
    [InlineData(300, 900, "refuted")]
    public void Transfer_is_one_way_where_jumps_are_fooled_more_often(int back, int there, string verdict)
    {
        string[] names = ["ReLU", "JumpReLU κ 1"];
        TransferRow[] rows = [new("ReLU", false, names, [Shares(100), Shares(there)]), new("JumpReLU κ 1", false, names, [Shares(back), Shares(200)])];
        Verdict(Sample() with { Transfer = rows }, "Plain network: transfer is one-way").Should().Be(verdict);
    }

    [Theory]
    [InlineData(30, "confirmed")]
    [InlineData(0, "not decided at this size")]
    [InlineData(-30, "refuted")]
    public void A_gain_must_be_left_under_the_worst_attack(int left, string verdict)
    {
        var claim = Claims(JumpProtocolTests.Results(90, 50 + left, left, seeming: 40))
            .Single(each => each.Text.StartsWith("Plain network: what JumpReLU κ 1 gains"));
        claim.Verdict.Should().Be(verdict);
        claim.Where.Should().Be("not in the paper");
        claim.Ours.Should().Contain("plain PGD +40.0");
    }

    [Fact]
    public void Robust_training_with_jumps_is_the_best_only_where_it_is_above_all_others()
    {
        Verdict(Sample(white: 700, robustWhite: 900), "Robust training with JumpReLU κ 1 keeps").Should().Be("confirmed");
        Verdict(Sample(white: 900, robustWhite: 700), "Robust training with JumpReLU κ 1 keeps").Should().Be("refuted");
    }

    [Fact]
    public void A_network_that_has_not_learnt_its_task_decides_nothing()
    {
        var sample = Sample(change: 0.3);
        var tables = sample.Tables with { Accuracy = [.. sample.Tables.Accuracy.Select(model => model with { Rate = new Proportion(100, 1000) })] };
        Claims(sample with { Tables = tables }).Should().OnlyContain(claim => claim.Verdict == "not decided at this size" && claim.Ours.Contains("not learnt"));
    }

    [Fact]
    public void Claims_of_a_wide_network_begin_with_its_name_and_have_its_own_numbers_of_the_paper()
    {
        var task = JumpTask.Wide("long")[0];
        string Renamed(string model) => model.Replace("κ 1", "κ 0.07");
        var tables = Sample(white: 900).Tables;
        var wide = tables with
        {
            Task = task, Accuracy = [.. tables.Accuracy.Select(each => each with { Model = Renamed(each.Model) })],
            Attacked = [.. tables.Attacked.Select(each => each with { Model = Renamed(each.Model) })],
            Gray = [.. tables.Gray.Select(each => each with { Models = [.. each.Models.Select(Renamed)] })],
        };
        var claim = Claims(Sample() with { Wide = [wide] }).Single(each => each.Text.StartsWith("WideResNet, plain: under white-box PGD JumpReLU κ 0.07"));
        claim.Verdict.Should().Be("confirmed");
        claim.Ours.Should().EndWith("paper +0.6", "0.95 and 0.37 %");
    }

    [Fact]
    public void The_page_begins_with_the_claims()
    {
        using var data = Sets.Noise("mnist", isColor: false);
        var sizes = JumpSizes.Of("paper", isColor: false);
        new JumpPage(sizes, JumpTask.For(data), data, Sample()).Make().Sections[0].Tables.Select(table => table.Rows.Count).Should()
            .Equal(10, 3);
    }

    private static string Verdict(JumpResults results, string text) => Claims(results).Single(claim => claim.Text.StartsWith(text)).Verdict;

    private static PaperClaim[] Claims(JumpResults results) => [.. new JumpClaims(results.Tables.Task, results).All()];

    // Apart from who is right on every second image.
    private static double[] Shares(int right) => [.. Enumerable.Range(0, 1000).Select(image => image * 7919 % 1000 < right ? 1.0 : 0)];

    // Around a mean, in an order of its own for each mean, so that the images do not go together.
    private static double[] Changes(double mean) =>
        [.. Enumerable.Range(0, 1000).Select(image => mean + 0.28 * (image * (mean < 0.11 ? 7919 : 6007) % 1000 / 999.0 - 0.5) * 2)];

    // Rectifiers keep 500 of 1,000 under PGD, with changes of a tenth; the plain network's jumps are as given, the robust one's 900.
    private static JumpResults Sample(double change = 0.1, int white = 600, int gray = 900, int clean = 980, int robustWhite = 900)
    {
        var results = JumpProtocolTests.Results(90, 50, 0, 0);
        AttackedModel Attacked(AttackedModel row) => row with
        {
            Right = !row.Model.Contains('κ') ? [.. Enumerable.Range(0, 1000).Select(image => image % 2 == 0 ? 1.0 : 0)]
                : Shares(row.Model.StartsWith("robust") ? robustWhite : white),
            Changes = Changes(row.Model == "JumpReLU κ 1" ? change : 0.1),
        };
        return results with
        {
            Tables = results.Tables with
            {
                Accuracy = [.. results.Tables.Accuracy.Select(row => row with { Rate = new Proportion(row.Model == "JumpReLU κ 1" ? clean : 980, 1000) })],
                Attacked = [.. results.Tables.Attacked.Select(Attacked)],
                Gray = [.. results.Tables.Gray.Select(row => row with { Right = [.. row.Models.Select(_ => Shares(gray))] })],
            },
        };
    }
}
