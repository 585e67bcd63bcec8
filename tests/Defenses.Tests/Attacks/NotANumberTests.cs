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
