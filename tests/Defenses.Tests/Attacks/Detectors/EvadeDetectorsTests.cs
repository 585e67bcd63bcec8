using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Misclassified and undetected: on linear models behind linear detectors, where the optimum is known.</summary>
public sealed class EvadeDetectorsTests
{
    private const long Inputs = 12;

    // Two classes and one detector, all linear: the nearest point of two half-spaces.
    [Fact]
    public void The_smallest_undetected_perturbation_lies_in_the_corner_of_boundary_and_threshold()
    {
        using var network = new LinearModel(classes: 2, scale: 0.5);
        var (x, labels) = network.Data(8);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var weights = network.Weight.detach();
        // (N, D): raises the other class
        var across = (weights.select(0, 1) - weights.select(0, 0)).unsqueeze(0) * (1 - 2 * labels.to_type(ScalarType.Float32)).unsqueeze(1);
        var gap = -Goal.Avoid(labels).Margin(network.call(x));                 // to be gained, (N,)
        // A detector whose score rises along the direction of the plain attack, and in another direction.
        var watch = across.select(0, 0) * 0.5 + Numbers.Normal([Inputs], seed: 8) * 0.5;
        var threshold = x.matmul(watch);                                       // each image alone is at its own threshold: use the first one's
        var rows = Enumerable.Range(0, 8).Where(i => labels[i].ToInt64() == labels[0].ToInt64()).Take(2).ToArray();
        rows.Length.Should().Be(2);
        var attack = new CarliniWagner { Steps = 150, SearchSteps = 5, InitialConstant = 1 };
        foreach (var i in rows)
        {
            var (image, label, tau) = (x.narrow(0, i, 1), labels.narrow(0, i, 1), threshold[i].ToDouble());
            var goal = new EvadeDetectors(Goal.Avoid(label), new DetectorLimit(new LinearScore(watch), tau));
            using var result = attack.Run(network.Classifier(), image, goal);
            var expected = Corner(across.select(0, i), gap[i].ToDouble(), watch, 0);
            result.Met.all().ToBoolean().Should().BeTrue();
            (result.Size.ToDouble() / expected).Should().BeInRange(0.999, 1.05);
            result.Adversarial.matmul(watch).ToDouble().Should().BeLessThanOrEqualTo(tau);
            using var plain = attack.Run(network.Classifier(), image, label);
            plain.Adversarial.matmul(watch).ToDouble().Should().BeGreaterThan(tau, "an attack that ignores the detector is detected");
        }
    }

    public static TheoryData<Attack> Attacks() =>
    [
        new Fgsm(0.4), new Bim(0.4), new Pgd(0.4) { Steps = 30, Restarts = 2 }, new CwPgd(0.4) { Steps = 30, Restarts = 1 }, new Apgd(0.4) { Steps = 50 },
            new Apgd(0.4) { Loss = Loss.Dlr }, new Apgd(1.2) { Norm = Norm.L2, Loss = Loss.Margin },
        new Square(0.4) { Candidates = 500 }, new Nes(0.4) { Steps = 40 }, new Spsa(0.4) { Steps = 40 }, new Noise(0.4),
        new CarliniWagner { Steps = 60, SearchSteps = 3, InitialConstant = 1 },
        new CarliniWagner { Norm = Norm.Linf, Steps = 50, SearchSteps = 5, InitialConstant = 0.1 },
        new CarliniWagner { Norm = Norm.L0, Steps = 40, SearchSteps = 2, InitialConstant = 1000 },
        new DeepFool(), new DeepFool { Norm = Norm.Linf }, new Fab { Steps = 40 }, new Jsma { Gamma = 1, Theta = 0.3 },
        new Fmn { Steps = 60 }, new Fmn { Norm = Norm.L0, Steps = 60 }, new Ddn { Steps = 60 }, new Pdpgd { Steps = 60 }, new SigmaZero { Steps = 60 },
            new Alma { Steps = 60 }, new SuperDeepFool(), new Smallest(new CwPgd(0.1) { Steps = 10, Restarts = 1 }) { SearchSteps = 4 },
        new TrustRegion(), new HopSkipJump { Steps = 8 }, new BoundaryAttack { Steps = 300 },
        new WorstOf(new Fgsm(0.4), new Bim(0.4)), new AutoAttackStandard(0.4) { Steps = 20, Candidates = 100 }, new AutoAttackRandomized(0.4) { Steps = 20 },
        new AutoAttackFast(0.4) { Steps = 20, Candidates = 50 }, new Malt(0.4) { Steps = 20 }, new PgdL0(5) { Steps = 30 },
        new SparseRandomSearch(5) { Candidates = 200 }, new Apgd(0.4) { Loss = Loss.ProbabilityMargin },
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Every_attack_counts_as_met_only_what_is_misclassified_and_undetected(Attack attack)
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data(12);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        DetectorLimit[] limits = [new(new LinearScore(Numbers.Normal([Inputs], seed: 8)), 0.5),
            new(new LinearScore(Numbers.Normal([Inputs], seed: 9)), 1) { Weight = 0.5 }];
        var nearest = Goal.Avoid(labels).Merged(model.Logits(x)).scatter(1, labels.unsqueeze(1), full([12, 1], -1e9)).argmax(1);
        foreach (var goal in new[] { Goal.Avoid(labels), Goal.Reach(nearest) })
        {
            using var result = (attack with { Seed = 4 }).Run(model, x, new EvadeDetectors(goal, limits));
            var unseen = limits.Select(limit => limit.Detector.Score(result.Adversarial) <= limit.Threshold).Aggregate((a, b) => a.logical_and(b));
            var met = goal.IsMet(model.Logits(result.Adversarial)).logical_and(unseen);
            met.eq(result.Met).all().ToBoolean().Should().BeTrue("Met must report the answer of model and detectors");
            if (attack is not (Noise or Fgsm or BoundaryAttack)) met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.4, "{0}", goal);
        }
    }

    [Fact]
    public void The_margin_is_minus_the_sum_of_the_hinges_until_the_goal_is_met_and_then_the_smallest_lead()
    {
        using var scope = NewDisposeScope();
        var labels = zeros([4], dtype: ScalarType.Int64);
        var logits = tensor(new float[,] { { 5, 2, 1 }, { 5, 2, 1 }, { 1, 4, 3 }, { 1, 4, 3 } });
        var images = tensor(new float[,] { { 3, 0.5f }, { -1, -1 }, { 2, -1 }, { -0.5f, -2 } });
        // Scores are the two elements of an image, thresholds 1 and 0, weights 2 and 4.
        DetectorLimit[] limits = [new(new LinearScore(tensor([1f, 0f])), 1) { Weight = 2 }, new(new LinearScore(tensor([0f, 1f])), 0) { Weight = 4 }];
        var avoid = new EvadeDetectors(Goal.Avoid(labels), limits);
        var seen = avoid.Seen(images, logits);
        // 5 − 2 and 2·(3 − 1) + 4·0.5; 5 − 2; 2·(2 − 1) and 4 − 4; 4 − max(1, 4 − 2·1.5)
        Numbers.Of(avoid.Margin(seen)).Should().Equal(-(3 + 4 + 2), -3, -2, 3);
        Numbers.Of(avoid.IsMet(seen)).Should().Equal(0, 0, 0, 1);
        var reach = new EvadeDetectors(Goal.Reach(labels + 1), limits);
        seen = reach.Seen(images, logits);
        Numbers.Of(reach.Margin(seen)).Should().Equal(-(3 + 4 + 2), -3, -2, 1);
        Numbers.Of(reach.IsMet(seen)).Should().Equal(0, 0, 0, 1);
        reach.ToString().Should().Contain("unseen by 2 detectors");
    }

    [Fact]
    public void The_gradient_of_the_joint_loss_is_that_of_its_parts_through_any_view()
    {
        using var network = nn.Sequential(("noise", new GaussianNoise(0.1)), ("linear", new LinearModel()));
        network.eval();
        var (x, labels) = ((LinearModel)network[1]).Data(6);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var watch = Numbers.Normal([Inputs], seed: 8);
        var goal = new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new LinearScore(watch), -3) { Weight = 0.7 });
        (x.matmul(watch) > -3).all().ToBoolean().Should().BeTrue("all images are detected, so that the hinge is linear");
        var view = goal.Before(new Eot(new Classifier(network, Bounds.Unit), 9));
        var gradient = view.Gradient(x, goal.Margin);
        // margin = best other − (best + 0.7·(score + 3)), and the label is the best with or without this little noise.
        var weights = ((LinearModel)network[1]).Weight.detach();
        var noiseless = ((LinearModel)network[1]).Classifier().Logits(x);
        var other = noiseless.scatter(1, labels.unsqueeze(1), full([6, 1], -1e9)).argmax(1);
        var expected = weights.index_select(0, other) - weights.index_select(0, labels) - watch * 0.7;
        var clear = (Goal.Avoid(labels).Margin(noiseless).abs() > 2).nonzero().squeeze(1);
        clear.shape[0].Should().BeGreaterThan(0);
        (gradient - expected).index_select(0, clear).abs().max().ToDouble().Should().BeLessThan(1e-4);
        var (jacobian, logits) = view.JacobianAndLogits(x);
        (jacobian.shape[1], logits.shape[1]).Should().Be((5, 5));
        (jacobian.select(1, 4) - weights.index_select(0, labels) - watch * 0.7).index_select(0, clear).abs().max().ToDouble().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void A_detector_without_gradient_is_evaded_by_queries_and_refused_by_gradient_attacks()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data(8);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var watch = Numbers.Normal([Inputs], seed: 8);
        var goal = new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new LinearScore(watch, differentiable: false), 0.5));
        Attack[] blind = [new Pgd(0.4), new CarliniWagner(), new DeepFool(), new Jsma { Gamma = 1 }];
        foreach (var attack in blind)
        {
            var live = Leaks.Live();
            using (NewDisposeScope()) attack.Invoking(a => a.Run(model, x, goal)).Should().Throw<InvalidOperationException>().WithMessage("*detector*Square*");
            Leaks.Live().Should().Be(live);
        }

        Attack[] querying = [new Square(0.4) { Candidates = 800 }, new Nes(0.4) { Steps = 40 }, new Spsa(0.4) { Steps = 60 }, new HopSkipJump { Steps = 8 }];
        foreach (var attack in querying)
        {
            using var result = (attack with { Seed = 1 }).Run(model, x, goal);
            result.Met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.6, "{0}", attack);
            (result.Adversarial.matmul(watch) <= 0.5).logical_or(result.Met.logical_not()).all().ToBoolean().Should().BeTrue();
        }
    }

    [Fact]
    public void A_judge_counts_only_what_the_detector_lets_through()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(30);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var watch = Numbers.Normal([Inputs], seed: 8);
        using var result = new Pgd(0.4) { Seed = 2 }.Run(network.Classifier(), x, labels);
        var threshold = result.Adversarial.matmul(watch).median().ToDouble();
        var goal = new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new LinearScore(watch), threshold));
        var judgement = new Judge(5).Measure(network.Classifier(), result.Adversarial, labels, goal);
        var expected = Numbers.Of(result.Met.logical_and(result.Adversarial.matmul(watch) <= threshold));
        judgement.SuccessRate.Should().Equal(expected);
        judgement.SuccessRate.Sum().Should().BeInRange(5, 20);
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(6);
        using var _ = x;
        using var __ = labels;
        using var watch = Numbers.Normal([Inputs], seed: 8);
        foreach (var attack in new Attack[] { new Pgd(0.3) { Steps = 5 }, new DeepFool(), new Jsma(), new Square(0.3) { Candidates = 20 } })
            Leaks.None(() => attack.Run(network.Classifier(), x, new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new LinearScore(watch), 0)))
                .Dispose());
    }

    [Fact]
    public void Bad_limits_and_scores_are_refused()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(4);
        using var images = x;
        using var classes = labels;
        using var scope = NewDisposeScope();
        var limit = new DetectorLimit(new LinearScore(ones(Inputs)), 1);
        var goal = new EvadeDetectors(Goal.Avoid(labels), limit);
        ((Action)(() => _ = new EvadeDetectors(Goal.Avoid(labels)))).Should().Throw<ArgumentException>().WithMessage("*limits*");
        ((Action)(() => _ = new EvadeDetectors(goal, limit))).Should().Throw<ArgumentException>().WithMessage("*EvadeDetectors goal itself*");
        ((Action)(() => _ = new DetectorLimit(null!, 1))).Should().Throw<ArgumentNullException>();
        ((Action)(() => _ = limit with { Threshold = double.NaN })).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Threshold*");
        ((Action)(() => _ = limit with { Weight = 0 })).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Weight*");
        foreach (var (watch, message) in new[] { (ones(Inputs, 2), "*one floating point number*"), (full([Inputs], double.NaN), "*NaN*") })
        {
            var bad = new EvadeDetectors(Goal.Avoid(labels), new DetectorLimit(new LinearScore(watch), 1));
            new Fgsm(0.1).Invoking(attack => attack.Run(network.Classifier(), x, bad)).Should().Throw<InvalidOperationException>().WithMessage(message);
        }
    }

    // The length of the shortest δ with a·δ ≥ gain and v·δ ≤ room: on one plane where that suffices, else in the corner of both.
    private static double Corner(Tensor a, double gain, Tensor v, double room)
    {
        var (aa, av, vv) = (a.dot(a).ToDouble(), a.dot(v).ToDouble(), v.dot(v).ToDouble());
        if (av * gain / aa <= room) return gain / Math.Sqrt(aa);
        var determinant = aa * vv - av * av;
        var (s, t) = ((vv * gain - av * room) / determinant, (aa * room - av * gain) / determinant);   // δ = s·a + t·v
        return Math.Sqrt(s * s * aa + 2 * s * t * av + t * t * vv);
    }

    private sealed class LinearScore(Tensor watch, bool differentiable = true) : IDetectorScore
    {
        public Tensor Score(Tensor images)
        {
            using var scope = NewDisposeScope();
            using var noGrad = differentiable ? null : no_grad();
            return images.flatten(1).matmul(watch).MoveToOuterDisposeScope();
        }
    }
}
