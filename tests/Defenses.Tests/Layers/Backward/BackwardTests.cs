using Defenses.Layers;
using Defenses.Models;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using Defenses.Zoo;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Layers;

public sealed class LinearBackwardReLUTests : LayerContract<LinearBackwardReLU>
{
    protected override LinearBackwardReLU Create() => new();

    [Fact]
    public void In_a_surrogate_the_later_rectifiers_pass_all_gradients_and_answers_stay()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (nn.Linear(4, 6), nn.Linear(6, 3));
        using var network = nn.Sequential(("first", first), ("relu", nn.ReLU()), ("second", second));
        network.eval();
        var x = Numbers.Uniform([5, 4]);
        var before = network.call(x);
        var answer = new Classifier(network, Bounds.Unit).Gradient(x, logits => logits.select(1, 1));
        using var report = network.ReplaceReLU(path => path == "relu" ? new LinearBackwardReLU() : null, x);
        (network.call(x) - before).abs().max().ToDouble().Should().Be(0);
        var model = new Classifier(network, Bounds.Unit);
        (model.Gradient(x, logits => logits.select(1, 1)) - answer).abs().max().ToDouble().Should().BeLessThan(1e-7, "without the view nothing changes");
        var linear = new StraightThrough(model).Gradient(x, logits => logits.select(1, 1));
        var product = second.weight[1].unsqueeze(0).mm(first.weight).expand(5, 4);
        (linear - product).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }
}

public sealed class BackwardScaleTests : LayerContract<BackwardScale>
{
    protected override BackwardScale Create() => new();

    [Fact]
    public void Behind_the_body_of_a_residual_block_it_weakens_the_body_and_keeps_the_shortcut()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.WideResNet34x4(3);
        network.to(ScalarType.Float64);
        network.eval();
        var x = Numbers.Uniform([1, 3, 32, 32], ScalarType.Float64);
        var before = network.call(x);
        using var report = network.InsertAfter<Sequential>(path => path.EndsWith(".body", StringComparison.Ordinal) ? new BackwardScale(0) : null, x);
        report.Layers.Should().HaveCount(15, "five blocks in each of three groups");
        (network.call(x) - before).abs().max().ToDouble().Should().BeLessThan(1e-12);
        var model = new Classifier(network, Bounds.Unit);
        var full = model.Gradient(x, logits => logits.select(1, 1));
        var skips = new StraightThrough(model).Gradient(x, logits => logits.select(1, 1));
        (skips - full).abs().max().ToDouble().Should().BeGreaterThan(1e-9);
        skips.abs().max().ToDouble().Should().BeGreaterThan(0, "the shortcuts still lead to the image");
    }

    [Fact]
    public void The_gradient_is_multiplied_under_the_view_only()
    {
        using var scope = NewDisposeScope();
        var layer = new BackwardScale(0.25);
        var x = Numbers.Normal([3, 4]).requires_grad_(true);
        Numbers.Of(autograd.grad([layer.call(x).sum()], [x])[0]).Should().OnlyContain(value => value == 1);
        layer.UseSurrogate = true;
        Numbers.Of(autograd.grad([layer.call(x).sum()], [x])[0]).Should().OnlyContain(value => value == 0.25);
        FluentActions.Invoking(() => new BackwardScale(-1)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("factor*");
    }
}
