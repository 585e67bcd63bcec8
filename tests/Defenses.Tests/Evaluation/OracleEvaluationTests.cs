using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>What an evaluation refuses before any work: attacks that a model cannot answer, and one model under two names.</summary>
public sealed class OracleEvaluationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Sequential _network = Detection.Pixels.Network(9);
    private readonly Tensor _x = Detection.Pixels.Pictures(6, 0.01, 3);
    private long _queries;

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
    }

    private LabeledImages Examples => LabeledImages.From(_x, (_x.flatten(1).select(1, 0) > 0.5).to_type(ScalarType.Int64));

    [Fact]
    public void An_attack_that_needs_a_gradient_of_an_oracle_is_refused_before_the_first_query()
    {
        var evaluation = Evaluation([new("service", Oracle())], [Squares, new("PGD", epsilon => new Pgd(epsilon)), new("FGSM", epsilon => new Fgsm(epsilon))]);
        evaluation.Invoking(of => of.Run(Examples)).Should().Throw<NoGradientException>().WithMessage("*'PGD', 'FGSM'*'service'*HopSkipJump*Transfer*");
        _queries.Should().Be(0);
    }

    [Fact]
    public void A_view_of_the_layers_of_an_oracle_is_refused_before_the_first_query()
    {
        var random = new ScoreOracle(Answer, Bounds.Unit, 2, isRandom: true);
        var evaluation = Evaluation([new("service", random)], [new("Square", epsilon => new Square(epsilon), AttackerView.FixedDraw)]);
        evaluation.Invoking(of => of.Run(Examples)).Should().Throw<ArgumentException>().WithMessage("*'fixed draw'*'service'*Plain*Eot*");
        _queries.Should().Be(0);
        ((Action)(() => AttackerView.StraightThrough.Of(random))).Should().Throw<ArgumentException>().WithMessage("*'straight through'*ScoreOracle*");
        AttackerView.Eot(3).Of(random).Should().BeOfType<Eot>();
        AttackerView.Plain.Of(random).Should().BeSameAs(random);
        AttackerView.OfAnyModel("mine", (model, _) => new Metered(model)).Of(random).Should().BeOfType<Metered>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_changed_oracle_is_noticed_when_work_is_continued(bool byVersion)
    {
        using var folder = new TemporaryFolder();
        ScoreOracle Of(string version, double scale) => new(x => Answer(x) * scale, Bounds.Unit, 2) { Version = version };
        Evaluation([new("service", Of("1", 1))], [Squares]).Run(Examples, folder.Path);
        Evaluation([new("service", Of("1", 1))], [Squares]).Run(Examples, folder.Path);
        var changed = byVersion ? Of("2", 1) : Of("1", 2);
        Evaluation([new("service", changed)], [Squares]).Invoking(of => of.Run(Examples, folder.Path)).Should().Throw<InvalidOperationException>()
            .WithMessage(byVersion ? "*version 1*version 2*" : "*'service: , version 1' gives different outputs*");
    }

    [Fact]
    public void A_random_oracle_can_be_continued_and_ends_with_the_same_report()
    {
        using var folder = new TemporaryFolder();
        using var random = new RandomSource(1);
        var oracle = new ScoreOracle(x => Answer(x) + random.Normal(zeros(x.shape[0], 2), 0.1), Bounds.Unit, 2, isRandom: true);
        var first = Evaluation([new("service", oracle)], [Squares]).Run(Examples, folder.Path);
        var second = Evaluation([new("service", oracle)], [Squares]).Run(Examples, folder.Path);
        Grid.Bare(second).Should().Be(Grid.Bare(first));
    }

    [Fact]
    public void One_network_under_two_names_is_refused_with_the_way_out()
    {
        var before = new Classifier(_network, Bounds.Unit);
        _network.InsertAfter<ReLU>(_ => new GaussianNoise(0.1), _x);
        Refused(before, new Classifier(_network, Bounds.Unit));
        Refused(before, before);
        Refused(before, new Metered(before));
        var oracle = Oracle();
        Refused(oracle, oracle);
        // Written twice, the preprocessing is compared on points.
        Evaluation([new("none", Normalized()), new("noise", Normalized())], [Squares]).Invoking(of => of.Run(Examples))
            .Should().Throw<ArgumentException>().WithMessage("*'none' and 'noise'*one network object*twice*");

        Classifier Normalized() => new(_network, Bounds.Unit, Preprocessing.Normalize([0.1], [1]));
        void Refused(ModelView first, ModelView second) => ((Action)(() => Evaluation([new("none", first), new("noise", second)], [Squares])))
            .Should().Throw<ArgumentException>().WithMessage("*'none' and 'noise'*twice*nn.Sequential(noise, network)*");
    }

    [Fact]
    public void Two_models_may_share_a_network_that_neither_changes()
    {
        using var noisy = nn.Sequential(("noise", new GaussianNoise(0.01)), ("network", _network));
        noisy.eval();
        var (whole, rounded) = (new Classifier(_network, Bounds.Unit), new Classifier(_network, Bounds.Unit, x => (x * 255).round() / 255));
        var (noise, off) = (new Classifier(noisy, Bounds.Unit), new WithoutRandomness(new Classifier(noisy, Bounds.Unit)));
        var report = Evaluation([new("none", whole), new("rounded", rounded), new("noise", noise), new("noise off", off)], [Squares]).Run(Examples);
        report.Defenses.Select(defense => defense.IsRandom).Should().Equal(false, false, true, false);
    }

    [Fact]
    public void An_oracle_is_transferred_to_from_a_network()
    {
        var plan = AdaptiveAttacks.For(Oracle(), surrogates: [new Classifier(_network, Bounds.Unit)]);
        plan.Select(attack => attack.Name).Should().BeEquivalentTo("Square", "HopSkipJump", "RayS", "NES", "SPSA", "noise", "transfer");
        AdaptiveAttacks.For(new DecisionOracle(x => Answer(x).argmax(1), Bounds.Unit, 2), Norm.L2).Select(attack => attack.Name)
            .Should().BeEquivalentTo("HopSkipJump", "Boundary", "noise");
        var transfer = AttackEntry.From(plan.Single(attack => attack.Name == "transfer"));
        var report = Evaluation([new("service", Oracle())], [transfer]).Run(Examples);
        report.Defenses[0].Strengths[0].Worst.Success!.MeanDraw.Rate.Should().BeGreaterThan(0.5);
    }

    private static AttackEntry Squares => new("Square", epsilon => new Square(epsilon) { Candidates = 20 });

    private ScoreOracle Oracle() => new(Answer, Bounds.Unit, 2);

    private Tensor Answer(Tensor x)
    {
        _queries += x.shape[0];
        return _network.call(x);
    }

    private static RobustnessEvaluation Evaluation(IReadOnlyList<DefenseEntry> defenses, IReadOnlyList<AttackEntry> attacks) =>
        new(defenses, attacks, [0.35]) { Draws = 3, Seed = 1, BlockSize = 4 };
}
