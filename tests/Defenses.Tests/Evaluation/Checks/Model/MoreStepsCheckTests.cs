using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class MoreStepsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.MoreSteps;

    protected override ModelCheckup Checkup => new(0.1)
    {
        Attack = epsilon => new Pgd(epsilon) { Steps = 2, Restarts = 1, RandomStart = false, StepSize = epsilon / 8 },
    };

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network();

    [Fact]
    public void An_attack_within_another_is_given_more_steps_too()
    {
        using var network = Broken();
        Find(network, Checkup with { Attack = epsilon => new WorstOf(Checkup.Attack(epsilon)) }).Should().ContainSingle();
        Find(network, Checkup with { Attack = epsilon => new Transfer(Digits.Unprotected, Checkup.Attack(epsilon)) }).Should().ContainSingle();
    }

    [Fact]
    public void An_attack_for_small_changes_is_held_to_the_budget()
    {
        using var network = Digits.Network();
        var subject = new ModelCheckup(0.02) { Attack = _ => new DeepFool { Norm = Norm.Linf } };
        Find(network, subject).Should().BeEmpty("what it finds beyond ε counts for neither");
        using var scope = NewDisposeScope();
        var (x, labels) = Digits.Images(32).Read(0, 32);
        var check = new CheckContext(subject with { Seed = 1 }, Digits.Classifier(network), x, labels, [.. Enumerable.Range(0, 32)], 1, CancellationToken.None);
        check.Fooled(subject.Attack(0), check.Model, check.LargestChange).Should().OnlyContain(fooled => fooled);
        check.FooledByAttack.Should().Contain(false);
    }
}
