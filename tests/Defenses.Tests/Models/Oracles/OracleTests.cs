using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class ScoreOracleAsViewTests : ModelViewContract<ScoreOracle>
{
    protected override bool HasGradient => false;

    protected override ScoreOracle Create(Classifier model) => new(model.Logits, Bounds.Unit, 4, model.IsRandom) { LargestBatch = 2 };
}

public sealed class DecisionOracleAsViewTests : ModelViewContract<DecisionOracle>
{
    protected override bool HasGradient => false;

    protected override DecisionOracle Create(Classifier model) => new(x => Still(model).Logits(x).argmax(1), Bounds.Unit, 4);

    private static ModelView Still(Classifier model) => new WithoutRandomness(model);
}

public sealed class OracleTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LinearModel _network = new();
    private readonly Tensor _x, _labels;

    public OracleTests() => (_x, _labels) = _network.Data();

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
    }

    public static TheoryData<int> AttackNumbers => [.. Enumerable.Range(0, AttackEffortTests.All.Count)];

    [Theory]
    [MemberData(nameof(AttackNumbers))]
    public void An_attack_runs_on_oracles_if_and_only_if_it_follows_no_gradient(int number)
    {
        var attack = AttackEffortTests.All[number] is Jsma jsma ? jsma with { Gamma = 1 } : AttackEffortTests.All[number];   // twelve elements are few
        if (attack is Transfer or TransferWithValidation or HopSkipJump or BoundaryAttack) return;   // other inputs, or long: below
        foreach (var oracle in new ModelView[] { Scores(), Decisions() })
        {
            if (!attack.Knowledge.FollowsGradients()) attack.Run(oracle, _x, _labels).Dispose();
            else ((Action)(() => attack.Run(oracle, _x, _labels).Dispose()))
                .Should().Throw<NoGradientException>($"{attack}").WithMessage("*HopSkipJump*Transfer*");
        }
    }

    [Fact]
    public void Attacks_by_scores_do_as_on_the_module()
    {
        Attack[] attacks =
        [
            new Square(0.1) { Seed = 2, Candidates = 60 }, new Nes(0.1) { Seed = 2, Steps = 5 }, new Spsa(0.1) { Seed = 2, Steps = 5 },
            new HopSkipJump { Seed = 2, Steps = 3 }, new BoundaryAttack { Seed = 2, Steps = 30 },
        ];
        foreach (var attack in attacks)
        {
            using var module = attack.Run(_network.Classifier(), _x, _labels);
            using var oracle = attack.Run(Scores(), _x, _labels);
            Numbers.Of(oracle.Adversarial).Should().Equal(Numbers.Of(module.Adversarial));
            oracle.QueriesPerExample.Should().Equal(module.QueriesPerExample);
            oracle.Queries.Should().Be(module.Queries);
            if ((attack.Knowledge & Knowledge.Scores) != 0) continue;
            using var decisions = attack.Run(Decisions(), _x, _labels);
            Numbers.Of(decisions.Adversarial).Should().Equal(Numbers.Of(module.Adversarial));
        }
    }

    [Fact]
    public void Probabilities_are_judged_and_attacked_as_their_logits()
    {
        var oracle = new ScoreOracle(x => _network.call(x).softmax(1), Bounds.Unit, 4) { Kind = ScoreKind.Probabilities };
        (oracle.Logits(_x) - _network.call(_x).log_softmax(1)).abs().max().ToDouble().Should().BeLessThan(1e-5);
        var attack = new Square(0.1) { Seed = 2, Candidates = 60 };
        using var expected = attack.Run(Scores(), _x, _labels);
        using var result = attack.Run(oracle, _x, _labels);
        result.Met.equal(expected.Met).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_probability_of_zero_is_a_number()
    {
        var oracle = new ScoreOracle(x => _network.call(x).mul(1000).softmax(1), Bounds.Unit, 4) { Kind = ScoreKind.Probabilities };
        oracle.Logits(_x).isfinite().all().ToBoolean().Should().BeTrue();
        using var result = new Nes(0.3) { Seed = 2, Steps = 5 }.Run(oracle, _x, _labels);
        result.Adversarial.isfinite().all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void A_judge_counts_the_answers_of_an_oracle()
    {
        var expected = new Judge(3) { Seed = 1 }.Measure(_network.Classifier(), _x, _labels);
        foreach (var oracle in new ModelView[] { Scores(), Decisions(), new Metered(Scores()) })
        {
            var judged = new Judge(3) { Seed = 1 }.Measure(oracle, _x, _labels);
            judged.Accuracy.MeanDraw.Should().Be(expected.Accuracy.MeanDraw);
            judged.Accuracy.MeanDraw.Rate.Should().Be(1);
        }
    }

    [Fact]
    public void A_judge_counts_the_draws_of_an_oracle_that_says_that_it_draws()
    {
        using var random = new RandomSource(4);
        Tensor Coin(Tensor x)
        {
            using var like = zeros(x.shape[0]);
            return random.Uniform(like).gt(0.75).to_type(ScalarType.Int64);
        }
        var rates = new Judge(200) { Seed = 1 }.Measure(new DecisionOracle(Coin, Bounds.Unit, 2, isRandom: true), _x, zeros_like(_labels));
        rates.IsRandom.Should().BeTrue();
        rates.Accuracy.MeanDraw.Rate.Should().BeApproximately(0.75, 4 * Math.Sqrt(0.75 * 0.25 / (200 * 16)));
        var silent = () => new Judge(200) { Seed = 1 }.Measure(new DecisionOracle(x => Coin(x), Bounds.Unit, 2), full_like(_x, 0.5), zeros_like(_labels));
        var told = 0;
        for (var time = 0; time < 20; time++)
        {
            try { silent(); }
            catch (InvalidOperationException error) when (error.Message.Contains("isRandom: true")) { told++; }
        }
        told.Should().BeGreaterThan(0, "two answers to one image differ in three of eight cases");
    }

    [Theory]
    [InlineData(null, new long[] { 16 })]
    [InlineData(16, new long[] { 16 })]
    [InlineData(7, new long[] { 7, 7, 2 })]
    public void The_function_gets_no_more_images_than_it_takes(int? most, long[] expected)
    {
        var seen = new List<long>();
        var oracle = new ScoreOracle(x =>
        {
            seen.Add(x.shape[0]);
            return _network.call(x);
        }, Bounds.Unit, 4) { LargestBatch = most };
        (oracle.Logits(_x) - _network.call(_x)).abs().max().ToDouble().Should().BeLessThan(1e-6);
        seen.Should().Equal(expected);
        oracle.Queries.Should().Be(new Queries(16, 0));
    }

    [Fact]
    public void A_budget_of_queries_ends_the_run()
    {
        var metered = new Metered(Scores(), maxForward: 100);
        ((Action)(() => new Nes(0.1).Run(metered, _x, _labels)))
            .Should().Throw<BudgetSpentException>().Which.Spent.Forward.Should().BeGreaterThanOrEqualTo(100);
        var each = new Metered(Scores()) { MaxForwardPerExample = 20 };
        ((Action)(() => new Nes(0.1).Run(each, _x, _labels))).Should().Throw<BudgetSpentException>();
    }

    [Fact]
    public void Wrong_answers_are_refused_in_words()
    {
        Refuses(Of(x => _network.call(x).narrow(0, 0, 3)), "*(16, 4)*(3, 4)*");
        Refuses(Of(x => _network.call(x).narrow(1, 0, 3)), "*(16, 4)*(16, 3)*");
        Refuses(Of(x => _network.call(x).argmax(1)), "*(16, 4)*(16)*");
        Refuses(Of(x => _network.call(x).to_type(ScalarType.Int64)), "*floating point*DecisionOracle*");
        Refuses(Of(x => _network.call(x) * double.NaN), "*NaN*first batch*");
        Refuses(Of(x => _network.call(x).softmax(1)), "*ScoreKind.Probabilities*");
        Refuses(Of(_ => null!), "*null*");
        Refuses(Of(_network.call, ScoreKind.Probabilities), "*[0, 1]*ScoreKind.Logits*");
        Refuses(Of(x => _network.call(x).sigmoid(), ScoreKind.Probabilities), "*sum to 1*");
        Refuses(new DecisionOracle(_network.call, Bounds.Unit, 4), "*(16)*(16, 4)*");
        Refuses(new DecisionOracle(x => _network.call(x).argmax(1).to_type(ScalarType.Float32), Bounds.Unit, 4), "*ScoreOracle*");
        Refuses(new DecisionOracle(x => _network.call(x).argmax(1) + 4, Bounds.Unit, 4), "*[0, 4)*");
    }

    [Fact]
    public void Impossible_arguments_are_refused_with_their_name()
    {
        ((Action)(() => _ = new ScoreOracle(null!, Bounds.Unit, 4))).Should().Throw<ArgumentNullException>().WithParameterName("scores");
        ((Action)(() => _ = new DecisionOracle(null!, Bounds.Unit, 4))).Should().Throw<ArgumentNullException>().WithParameterName("decide");
        ((Action)(() => _ = new ScoreOracle(_network.call, new Bounds(1, 0), 4))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("bounds");
        ((Action)(() => _ = new ScoreOracle(_network.call, Bounds.Unit, 1))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("classes");
        ((Action)(() => _ = Scores() is { LargestBatch: null } ? new ScoreOracle(_network.call, Bounds.Unit, 4) { LargestBatch = 0 } : null)).Should()
            .Throw<ArgumentOutOfRangeException>().WithParameterName("LargestBatch");
    }

    [Fact]
    public void A_function_may_keep_what_it_gives()
    {
        var kept = _network.call(_x).detach();
        var oracle = Of(_ => kept);
        oracle.Logits(_x).Dispose();
        kept.IsInvalid.Should().BeFalse();
        Leaks.None(() => oracle.Logits(_x).Dispose());
    }

    private ScoreOracle Scores() => Of(_network.call);

    private DecisionOracle Decisions() => new(x => _network.call(x).argmax(1), Bounds.Unit, 4);

    private static ScoreOracle Of(Func<Tensor, Tensor> scores, ScoreKind kind = ScoreKind.Logits) => new(scores, Bounds.Unit, 4) { Kind = kind };

    private void Refuses(Oracle oracle, string message) =>
        ((Action)(() => oracle.Logits(_x))).Should().Throw<InvalidOperationException>().WithMessage(message);
}
