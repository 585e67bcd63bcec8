using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Decision-based attacks on a model that takes everything for class 0 but what lies near one image.</summary>
public sealed class StartImagesTests
{
    public static TheoryData<string> Names => ["HopSkipJump", "BoundaryAttack", "GeoDA", "RayS"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Without_a_start_the_attack_says_so(string name)
    {
        using var network = new Island();
        using var scope = NewDisposeScope();
        using var alone = Make(name).Run(network.Classifier(), network.Sea(), zeros([1], dtype: ScalarType.Int64));
        alone.NotAttempted.Should().Equal(0);
        alone.Met.any().ToBoolean().Should().BeFalse();
        alone.Size.sum().ToDouble().Should().Be(0);
        using var beside = Make(name).Run(
            network.Classifier(), cat([network.Sea(), network.Top, network.Sea()]), tensor(new long[] { 0, 1, 1 }));
        beside.NotAttempted.Should().BeEmpty("another image of the batch is a start for the first, noise for the second, and the third is wrong already");
        beside.Met.all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_given_start_is_used(string name)
    {
        using var network = new Island();
        using var scope = NewDisposeScope();
        var starts = new StartImages(cat([network.Sea(), network.Top]));   // the first is none
        Attack attack = name switch
        {
            "HopSkipJump" => new HopSkipJump { Steps = 3, Seed = 1, Start = starts },
            "GeoDA" => new GeoDA { Queries = 60, Seed = 1, Start = starts },
            "RayS" => new RayS { Queries = 60, Seed = 1, Start = starts },
            _ => new BoundaryAttack { Steps = 50, Seed = 1, Start = starts },
        };
        using var result = attack.Run(network.Classifier(), network.Sea(), zeros([1], dtype: ScalarType.Int64));
        result.NotAttempted.Should().BeEmpty();
        result.Met.all().ToBoolean().Should().BeTrue();
        using var target = attack.Run(network.Classifier(), network.Sea(), Goal.Reach(ones([1], dtype: ScalarType.Int64)));
        target.Met.all().ToBoolean().Should().BeTrue();
        Leaks.None(() => attack.Run(network.Classifier(), network.Sea().DetachFromDisposeScope(), zeros([1], dtype: ScalarType.Int64)).Dispose(), allowed: 2);
    }

    [Fact]
    public void Starts_that_do_not_fit_are_refused()
    {
        using var network = new Island();
        using var scope = NewDisposeScope();
        var labels = zeros([1], dtype: ScalarType.Int64);
        foreach (var bad in new[] { zeros(2, 7), zeros([2, 16], dtype: ScalarType.Float64), full([2, 16], 2f), full([2, 16], float.NaN) })
            FluentActions.Invoking(() => new HopSkipJump { Start = new StartImages(bad) }.Run(network.Classifier(), network.Sea(), labels))
                .Should().Throw<ArgumentException>().WithParameterName("Start").WithMessage("*Start*");
        FluentActions.Invoking(() => new StartImages(zeros(0, 16))).Should().Throw<ArgumentException>().WithParameterName("images");
        $"{new HopSkipJump { Start = new StartImages(full([2, 16], 0.25f)) }}".Should().Contain("Start = 2 images with mean 0.25");
    }

    [Fact]
    public void Attacks_made_of_others_attempt_what_one_of_them_attempts()
    {
        using var network = new Island();
        using var scope = NewDisposeScope();
        var (x, labels) = (network.Sea(), zeros([1], dtype: ScalarType.Int64));
        IReadOnlyList<long> LeftOut(Attack attack)
        {
            using var result = attack.Run(network.Classifier(), x, labels);
            return result.NotAttempted;
        }

        LeftOut(new WorstOf(Make("HopSkipJump"), Make("BoundaryAttack"))).Should().Equal(0);
        LeftOut(new WorstOf(Make("HopSkipJump"), new Noise(0.1) { Norm = Norm.L2 })).Should().BeEmpty();
        LeftOut(new WorstOf(new Noise(0.1) { Norm = Norm.L2 }, Make("HopSkipJump"))).Should().BeEmpty();
        LeftOut(new Transfer(network.Classifier(), Make("HopSkipJump"))).Should().Equal(0);
        LeftOut(new TransferWithValidation(network.Classifier(), [network.Classifier()], Make("HopSkipJump"))).Should().Equal(0);
    }

    [Fact]
    public void A_report_does_not_count_as_robust_what_was_not_attempted()
    {
        using var network = new Island();
        using var other = new Island();
        using var scope = NewDisposeScope();
        var images = LabeledImages.From(cat([network.Sea(), network.Top]), tensor(new long[] { 0, 1 }));
        RobustnessEvaluation Evaluation(params AttackEntry[] attacks) =>
            new([new("island", network.Classifier()), new("again", other.Classifier())], attacks, [4]) { BlockSize = 1, Seed = 1, Norm = Norm.L2 };
        AttackEntry jump = new("HopSkipJump", _ => Make("HopSkipJump")), noise = new("noise", epsilon => new Noise(epsilon) { Norm = Norm.L2, Seed = 1 });
        var report = Evaluation(jump).Run(images);
        var strengths = report.Defenses.SelectMany(defense => defense.Strengths);
        foreach (var outcome in strengths.SelectMany(strength => new[] { strength.Worst, strength.Cells[0].Outcome }))
            (outcome.NotAttempted, outcome.Success!.MeanDraw.Trials, outcome.DefenseRate!.Rate).Should().Be((1, 1, 0));
        report.Findings.Should().Contain(finding => finding.Reason.Contains("no start on 1 of 2 images"));
        var both = Evaluation(jump, noise).Run(images).Defenses[0].Strengths[0];
        both.Worst.NotAttempted.Should().Be(0, "noise needs no start");
        both.Worst.Success!.MeanDraw.Trials.Should().Be(2);
        both.Cells.Select(cell => cell.Outcome.NotAttempted).Should().Equal(1, 0);
        EvaluationReport.FromJson(report.ToJson()).Defenses[0].Strengths[0].Worst.NotAttempted.Should().Be(1);
    }

    private static Attack Make(string name) => name switch
    {
        "HopSkipJump" => new HopSkipJump { Steps = 3, StartTries = 10, Seed = 1 },
        "GeoDA" => new GeoDA { Queries = 60, StartTries = 10, Seed = 1 },
        "RayS" => new RayS { Queries = 60, StartTries = 10, Seed = 1 },
        _ => new BoundaryAttack { Steps = 50, StartTries = 10, Seed = 1 },
    };

    /// <summary>Class 1 within 0.5 (L1) of one image of extreme values, class 0 elsewhere.</summary>
    private sealed class Island : nn.Module<Tensor, Tensor>
    {
        internal Island() : base(nameof(Island)) => eval();

        internal Classifier Classifier() => new(this, Bounds.Unit);

        internal Tensor Top { get; } = tensor(new[] { 1f, 0, 0, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0, 0 }).view(1, 16).DetachFromDisposeScope();

        internal Tensor Sea() => full([1, 16], 0.4f);

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var height = (0.5 - (x.flatten(1) - Top).abs().sum([1], keepdim: true)) * 10;
            return cat([-height, height], 1).MoveToOuterDisposeScope();
        }
    }
}
