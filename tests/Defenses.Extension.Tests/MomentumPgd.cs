using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Tests.Contracts;
using Defenses.Tests.Evaluation.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>An attack: gradient steps with momentum, from the image; an example is finished when the goal is met.</summary>
/// <remarks>v ← μ·v + g/mean|g|, x ← clip(P(x + α·d(v))). Source: Dong et al. 2018, algorithm 1.</remarks>
public sealed record MomentumPgd(double Epsilon) : Attack
{
    public double Epsilon { get; init => field = Finite(value, nameof(Epsilon)); } = Finite(Epsilon, nameof(Epsilon));

    public int Steps
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Steps), value, "Steps must be at least 1.");
    } = 40;

    public double Decay { get; init => field = Finite(value, nameof(Decay)); } = 1;

    public override Norm Norm { get; init; } = Norm.Linf;

    public override Knowledge Knowledge => Knowledge.Gradient;

    public override int? GradientSteps => Steps;

    public override bool IsRoundingSensitive => true;

    public override bool AscendsCrossEntropy => true;

    protected override Attack? Strengthen(AttackEffort effort, int factor) => effort == AttackEffort.Steps ? this with { Steps = Steps * factor } : null;

    protected override Tensor Perturb(AttackRun run)
    {
        using var scope = NewDisposeScope();
        using var active = new ActiveBatch(run, run.Original);
        var velocity = zeros_like(run.Original);
        for (var step = 0; step < Steps && active.Count > 0; step++)
        {
            run.Step(step, Steps);
            using var inner = NewDisposeScope();
            var pass = run.Model.Differentiate(active.Points, logits => Loss.CrossEntropy.Value(logits, active.Goal));
            var (before, gradient) = (velocity, pass.Gradient);
            if (active.Retire(pass.Logits) is { } left) (velocity, gradient) = (velocity.index_select(0, left), gradient.index_select(0, left));
            if (active.Count == 0) break;
            velocity = (velocity * Decay + gradient / MeanSize(gradient)).MoveToOuterDisposeScope();
            before.Dispose();
            var next = Norm.Ascend(active.Points, velocity, Epsilon / 10, run.Model.Bounds);
            active.Move(run.Clip(active.Original + Norm.Project(next - active.Original, Epsilon)));
        }
        return active.Results().MoveToOuterDisposeScope();
    }

    private static Tensor MeanSize(Tensor gradient) =>
        gradient.flatten(1).abs().mean([1L]).clamp_min(1e-12).view([gradient.shape[0], .. Enumerable.Repeat(1L, (int)gradient.dim() - 1)]);

    private static double Finite(double value, string name) =>
        double.IsFinite(value) && value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a number, 0 or above.");
}

public sealed class MomentumPgdTests : AttackContract<MomentumPgd>
{
    protected override double? Budget => 0.3;

    protected override MomentumPgd Create() => new(0.3);

    [Fact]
    public void Examples_that_are_done_spend_no_more()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(30);
        using var images = x;
        using var classes = labels;
        using var result = Create().Run(network.Classifier(), x, labels);
        result.QueriesPerExample.Select(one => one.Backward).Distinct().Count().Should().BeGreaterThan(3);
        result.QueriesPerExample.Should().OnlyContain(one => one.Backward <= 40);
    }

    /// <summary>The report does not know the attack, only its stated properties.</summary>
    [Theory]
    [InlineData(3, true)]
    [InlineData(20, false)]
    public void A_report_judges_it_by_what_it_knows_and_how_many_steps_it_takes(int steps, bool isFew)
    {
        using var network = Digits.Network();
        AttackEntry[] attacks = [new("momentum", epsilon => new MomentumPgd(epsilon) { Steps = steps, Seed = 1 })];
        var evaluation = new RobustnessEvaluation([new DefenseEntry("plain", Digits.Classifier(network))], attacks, [0.02]) { Seed = 1, Draws = 2 };
        var report = evaluation.Run(Digits.Images(60));
        var settings = report.Settings.Attacks.Single();
        settings.Knowledge.Should().Be(Knowledge.Gradient);
        settings.Steps.Should().Be(steps);
        report.Findings.Any(finding => finding.Title == "Few steps").Should().Be(isFew);
    }
}
