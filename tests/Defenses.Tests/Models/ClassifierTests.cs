using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class ClassifierTests
{
    [Fact]
    public void The_gradient_of_a_linear_model_is_its_weight()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var gradient = network.Classifier().Gradient(x, logits => logits.select(1, 2));
        using var scope = NewDisposeScope();
        (gradient - network.Weight.detach().select(0, 2)).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void The_jacobian_holds_the_gradient_of_every_logit()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(3);
        using var _ = x;
        using var __ = labels;
        using var jacobian = network.Classifier().Jacobian(x);
        jacobian.shape.Should().Equal(3, 4, 12);
        using var scope = NewDisposeScope();
        (jacobian - network.Weight.detach()).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Preprocessing_stands_inside_and_epsilon_keeps_its_units()
    {
        using var network = new LinearModel(classes: 2);
        var normalise = Preprocessing.Normalize([0.3], [0.25]);
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var result = new Fgsm(0.02).Run(new Classifier(network, Bounds.Unit, normalise), x, labels);
        result.Size.max().ToDouble().Should().BeApproximately(0.02, 1e-6);
        using var gradient = new Classifier(network, Bounds.Unit, normalise).Gradient(x, logits => logits.select(1, 0));
        using var scope = NewDisposeScope();
        (gradient * 0.25 - network.Weight.detach().select(0, 0)).abs().max().ToDouble().Should().BeLessThan(1e-5);
    }

    [Fact]
    public void A_loss_that_no_gradient_reaches_is_refused_with_the_way_out()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        ((Action)(() => network.Classifier().Gradient(x, logits => logits.detach().sum(1)))).Should().Throw<NoGradientException>().WithMessage("*Square*");
    }

    [Fact]
    public void Counts_passes_per_example_and_draw()
    {
        using var network = nn.Sequential(("noise", new GaussianNoise(0.1)), ("linear", new LinearModel()));
        network.eval();
        using var x = full([5, 12], 0.5);
        var model = new Classifier(network, Bounds.Unit);
        model.Logits(x).Dispose();
        model.Queries.Should().Be(new Queries(5, 0));
        new Eot(model, 7).Gradient(x, logits => logits.sum(1)).Dispose();
        model.Queries.Should().Be(new Queries(5 + 35, 35));
        model.Jacobian(x).Dispose();
        model.Queries.Should().Be(new Queries(45, 35 + 20));
    }

    [Fact]
    public void A_meter_ends_the_run_when_the_budget_is_spent()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(10);
        using var _ = x;
        using var __ = labels;
        var metered = new Metered(network.Classifier(), maxBackward: 100);
        var live = Leaks.Live();
        var run = () => new Pgd(0.1) { Steps = 40 }.Run(metered, x, labels);
        run.Should().Throw<BudgetSpentException>().Which.Spent.Backward.Should().Be(100);
        Leaks.Live().Should().Be(live);
    }

    [Fact]
    public void Says_what_is_wrong_with_a_network_or_its_bounds()
    {
        using var network = new LinearModel();
        ((Action)(() => _ = new Classifier((nn.Module<Tensor, Tensor>)null!, Bounds.Unit))).Should().Throw<ArgumentNullException>();
        ((Action)(() => _ = new Classifier(network, new Bounds(1, 0)))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Classifier(network, default))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new Classifier(network, Bounds.Unit).Classes)).Should().Throw<InvalidOperationException>().WithMessage("*Logits*");
        using var flat = nn.Flatten(0);
        using var x = full([3, 2], 0.5);
        ((Action)(() => _ = new Classifier(flat, Bounds.Unit).Logits(x))).Should().Throw<InvalidOperationException>().WithMessage("*(N, classes)*");
    }

    [Fact]
    public void Weights_keep_their_memory_layout_after_a_run()
    {
        using var network = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("flat", nn.Flatten()), ("fc", nn.Linear(4 * 36, 3)));
        network.eval();
        var weight = network.parameters().First();
        var strides = weight.stride();
        using var before = weight.clone();
        using var x = full([2, 3, 8, 8], 0.5);
        using var labels = zeros([2], dtype: ScalarType.Int64);
        var during = new List<long[]>();
        var model = new Classifier(network, Bounds.Unit, image =>
        {
            during.Add(weight.stride());
            return image;
        });
        new Pgd(0.1) { Steps = 1, Restarts = 1 }.Run(model, x, labels).Dispose();
        new Bim(0.1) { Steps = 1 }.Run(model, x, labels).Dispose();
        during.Should().Contain(seen => seen.SequenceEqual(strides), "a gradient-sign attack from the image keeps the usual order of sums");
        during.Should().Contain(seen => !seen.SequenceEqual(strides), "the others take the fast one");
        weight.stride().Should().Equal(strides);
        using var same = weight.equal(before).all();
        same.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Weights_lent_twice_come_back_when_the_last_borrower_is_done()
    {
        using var network = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("flat", nn.Flatten()), ("fc", nn.Linear(4 * 36, 3)));
        network.eval();
        var weight = network.parameters().First();
        var strides = weight.stride();
        using var x = full([2, 3, 8, 8], 0.5);
        using var labels = zeros([2], dtype: ScalarType.Int64);
        var model = new Classifier(network, Bounds.Unit);
        var nested = new Progressed(_ => new Pgd(0.1) { Steps = 1, Restarts = 1 }.Run(model, x, labels).Dispose());
        new Pgd(0.1) { Steps = 2, Restarts = 1 }.Run(model, x, labels, nested).Dispose();
        weight.stride().Should().Equal(strides);
    }

    private sealed class Progressed(Action<AttackProgress> told) : IProgress<AttackProgress>
    {
        public void Report(AttackProgress value) => told(value);
    }
}
