using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>A network that answers a later image with NaN: the error comes at the first pass, not after a thousand steps.</summary>
public sealed class NotANumberTests
{
    public static TheoryData<string> Attacks => new("PGD", "EOT", "DeepFool", "C&W", "Square", "HopSkipJump");

    [Theory]
    [MemberData(nameof(Attacks))]
    public void The_error_comes_early_and_names_the_image(string name)
    {
        using var network = new Hole();
        using var scope = NewDisposeScope();
        var (x, labels) = network.Inner.Data(6);
        x[4] = 0.9f;
        var model = new Classifier(network, Bounds.Unit);
        var steps = new List<long>();
        Attack attack = name switch
        {
            "DeepFool" => new DeepFool { Steps = 1000 }, "C&W" => new CarliniWagner(), "Square" => new Square(0.05), "HopSkipJump" =>
            new HopSkipJump { Steps = 1000 }, _ => new Pgd(0.05) { Steps = 1000 },
        };
        ModelView view = name == "EOT" ? new Eot(model, 2) : model;
        FluentActions.Invoking(() => attack.Run(view, x, labels, new Ear(steps))).Should().Throw<InvalidOperationException>()
            .WithMessage("The network gave NaN for 1 of 6 images, first for number 4.*");
        steps.Count.Should().BeLessThan(3, "the error must not wait for a thousand steps");
    }

    [Fact]
    public void An_attacked_image_may_break_the_network()
    {
        using var network = new Hole();
        using var scope = NewDisposeScope();
        var (x, labels) = network.Inner.Data(6);
        using var result = new Pgd(0.5) { Steps = 3, StepSize = 0.5, Seed = 1 }.Run(new Classifier(network, Bounds.Unit), x.clamp_min(0.7), labels);
        result.Adversarial.isnan().any().ToBoolean().Should().BeFalse();
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        using var network = new Hole();
        using var scope = NewDisposeScope();
        var (x, labels) = network.Inner.Data(6);
        x[4] = 0.9f;
        Leaks.None(() => FluentActions.Invoking(() => new Pgd(0.05).Run(new Classifier(network, Bounds.Unit), x, labels)).Should()
            .Throw<InvalidOperationException>());
    }

    [Fact]
    public void A_result_that_holds_NaN_is_never_met()
    {
        using var network = new LinearModel();
        using var scope = NewDisposeScope();
        var (x, labels) = network.Data(6);
        using var result = new Lost(0.5).Run(network.Classifier(), x, labels);
        Numbers.Of(result.Met).Should().OnlyContain(met => met == 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_try_that_holds_NaN_hides_no_other_try(bool first)
    {
        using var network = new LinearModel();
        using var scope = NewDisposeScope();
        var (x, labels) = network.Data(6);
        var (good, lost) = (new Fgsm(0.3), new Lost(0.3));
        using var expected = good.Run(network.Classifier(), x, labels);
        using var result = (first ? new WorstOf(lost, good) : new WorstOf(good, lost)).Run(network.Classifier(), x, labels);
        result.Adversarial.equal(expected.Adversarial).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Saturated_losses_are_still_told_apart(bool first)
    {
        using var network = new ChangedAnswer(new LinearModel(), logits => logits * 1e8);
        using var scope = NewDisposeScope();
        var (x, _) = new LinearModel().Data(6);
        var labels = network.call(x).argmax(1);
        var (small, large) = (new Fgsm(0.001) { Loss = Loss.Margin }, new Fgsm(0.01) { Loss = Loss.Margin });
        using var expected = large.Run(new Classifier(network, Bounds.Unit), x, labels);
        using var result = (first ? new WorstOf(small, large) : new WorstOf(large, small)).Run(new Classifier(network, Bounds.Unit), x, labels);
        result.Adversarial.equal(expected.Adversarial).all().ToBoolean().Should().BeTrue("the larger margin is kept, also at 10⁸");
    }

    [Fact]
    public void Logits_that_hold_NaN_are_not_recognized_and_reach_no_target_as_the_judge_counts_them()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[] { float.NaN, 1, 2, 0, float.NaN, 1 }).view(2, 3);
        var classes = tensor(new long[] { 0, 1 });
        Numbers.Of(Goal.Avoid(classes).IsMet(logits)).Should().Equal(1, 1);
        Numbers.Of(Goal.Reach(classes).IsMet(logits)).Should().Equal(0, 0);
    }

    private sealed record Lost(double Epsilon) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.None;

        protected internal override Tensor Perturb(AttackRun run) => run.Original * double.NaN;
    }

    private sealed class Ear(List<long> heard) : IProgress<AttackProgress>
    {
        public void Report(AttackProgress value) => heard.Add(value.Step);
    }

    // NaN for what is bright on the average.
    private sealed class Hole : nn.Module<Tensor, Tensor>
    {
        internal Hole() : base(nameof(Hole))
        {
            RegisterComponents();
            eval();
        }

        internal LinearModel Inner { get; } = new();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var logits = Inner.call(x);
            return where(x.detach().flatten(1).mean([1], keepdim: true) > 0.8, logits * double.NaN, logits).MoveToOuterDisposeScope();
        }
    }
}
