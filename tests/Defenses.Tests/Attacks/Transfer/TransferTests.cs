using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class TransferTests : AttackContract<Transfer>
{
    // One for all tests, so that the contract sees only the tensors of the run.
    private static readonly Classifier Own = OwnModels.Like(new LinearModel());

    protected override double? Budget => 0.3;

    protected override Transfer Create() => new(Own, new Fgsm(0.3));

    protected override bool SeesTheModel => false;

    protected override Transfer Scaled(Transfer attack, Bounds bounds) => new(In(Own.Network, bounds), new Fgsm(0.3 * bounds.Range));

    [Fact]
    public void Examples_are_those_of_the_attack_on_the_source_and_the_answers_those_of_the_attacked_model()
    {
        using var source = OwnModels.Relative(1);
        using var target = OwnModels.Relative(2);
        var (x, labels) = target.Data(60);
        using var images = x;
        using var classes = labels;
        using var scope = NewDisposeScope();
        using var made = new Pgd(0.2) { Seed = 3, RandomStart = false, Restarts = 1 }.Run(source.Classifier(), x, labels);
        var victim = target.Classifier();
        using var sent = new Transfer(source.Classifier(), new Pgd(0.2) { RandomStart = false, Restarts = 1 }) { Seed = 3 }.Run(victim, x, labels);
        (sent.Adversarial - made.Adversarial).abs().max().ToDouble().Should().BeLessThan(1e-6);
        sent.Met.equal(victim.Logits(sent.Adversarial).argmax(1).ne(labels)).all().ToBoolean().Should().BeTrue();
        sent.Queries.Backward.Should().Be(0, "the attacked model is never differentiated");
        sent.Queries.Forward.Should().BeLessThanOrEqualTo(61, "one pass to learn its classes, one for the finished examples");
        var direct = new Pgd(0.2) { Seed = 3, RandomStart = false, Restarts = 1 }.Run(target.Classifier(), x, labels);
        sent.Met.sum().ToInt64().Should().BeGreaterThan(0).And.BeLessThanOrEqualTo(direct.Met.sum().ToInt64());
    }

    [Fact]
    public void A_model_that_gives_nan_is_reported_before_any_work_is_done_on_the_other()
    {
        using var whole = new LinearModel();
        using var breaking = new LinearModel();
        using var untouched = new Untouched();
        var (x, labels) = whole.Data(4);
        using var images = x;
        using var classes = labels;
        var broken = breaking.Classifier();
        broken.Logits(x).Dispose();   // the first batch, which the classifier checks
        using (no_grad()) breaking.Weight.fill_(double.NaN);
        new Transfer(new Classifier(untouched, Bounds.Unit), new Fgsm(0.3)).Invoking(attack => attack.Run(broken, x, labels)).Should()
            .Throw<InvalidOperationException>().WithMessage("The network gave NaN for 4 of 4*");
        new Transfer(broken, new Fgsm(0.3)).Invoking(attack => attack.Run(whole.Classifier(), x, labels)).Should().Throw<InvalidOperationException>()
            .WithMessage("The attacker's model gave NaN*");
    }

    [Fact]
    public void A_random_model_can_be_attacked_through_its_deterministic_self_and_is_left_as_it_was()
    {
        var noise = new GaussianNoise(0.05);
        using var network = nn.Sequential(("noise", noise), ("linear", new LinearModel()));
        network.eval();
        var (x, labels) = ((LinearModel)network[1]).Data();
        using var images = x;
        using var classes = labels;
        using var scope = NewDisposeScope();
        var model = new Classifier(network, Bounds.Unit);
        var attack = new Transfer(new WithoutRandomness(model), new CwPgd(0.3)) { Seed = 1 };
        noise.Reseed(9);
        var before = noise.call(x);
        noise.Reseed(9);
        using var first = attack.Run(model, x, labels);
        (noise.call(x) - before).abs().max().ToDouble().Should().Be(0);
        using var second = attack.Run(model, x, labels);
        (first.Adversarial - second.Adversarial).abs().max().ToDouble().Should().Be(0);
        first.Met.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.5);
    }

    [Fact]
    public void A_source_that_does_not_fit_is_refused()
    {
        using var target = new LinearModel();
        using var fewer = new LinearModel(classes: 3);
        using var training = new LinearModel();
        training.train();
        var (x, labels) = target.Data();
        using var images = x;
        using var classes = labels;
        ((Action)(() => new Transfer(fewer.Classifier(), new Fgsm(0.1)).Run(target.Classifier(), x, labels))).Should().Throw<InvalidOperationException>()
            .WithMessage("*3 classes*");
        ((Action)(() => new Transfer(target.Classifier(new Bounds(-1, 1)), new Fgsm(0.1)).Run(target.Classifier(), x, labels))).Should()
            .Throw<InvalidOperationException>().WithMessage("*bounds*");
        ((Action)(() => new Transfer(training.Classifier(), new Fgsm(0.1)).Run(target.Classifier(), x, labels))).Should().Throw<InvalidOperationException>()
            .WithMessage("*eval()*");
        ((Action)(() => _ = new Transfer(null!, new Fgsm(0.1)))).Should().Throw<ArgumentNullException>();
        ((Action)(() => _ = new Transfer(target.Classifier(), null!))).Should().Throw<ArgumentNullException>();
    }

    private sealed class Untouched : nn.Module<Tensor, Tensor>
    {
        internal Untouched() : base(nameof(Untouched)) => eval();

        public override Tensor forward(Tensor x) => throw new NotSupportedException("this model is not evaluated");
    }
}
