using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Tests.Evaluation.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>A check that probes a model: silent on a trained network, plain and with noise, under a strong attack; restores the model.</summary>
public abstract class ModelCheckContract : CheckContract
{
    /// <summary>The check.</summary>
    protected abstract ModelCheck Subject { get; }

    /// <summary>A network with the fault that the check finds; the caller disposes it.</summary>
    protected abstract nn.Module<Tensor, Tensor> Broken();

    /// <summary>The checkup that probes it.</summary>
    protected virtual ModelCheckup Checkup => new(0.1) { Attack = Proper };

    protected sealed override Check Check => Subject;

    protected sealed override IReadOnlyList<Finding> OnBroken()
    {
        using var network = Broken();
        return Find(network, Checkup);
    }

    protected override IReadOnlyList<Finding> OnSound()
    {
        using var plain = Digits.Network();
        using var noisy = Digits.Noisy(0.2);
        var checkup = new ModelCheckup(0.1) { Attack = Proper, View = AttackerView.Eot(8), Surrogate = Digits.Classifier(plain) };
        return [.. Find(plain, checkup with { Surrogate = null }), .. Find(noisy, checkup)];
    }

    private static Attack Proper(double epsilon) => new Pgd(epsilon) { Steps = 20, Restarts = 1 };

    [Fact]
    public void Every_checkup_runs_it()
    {
        if (Subject.GetType().Assembly != typeof(ModelCheck).Assembly) return;   // a custom check is named in a checkup
        ModelCheck.All.Should().ContainSingle(check => check.Name == Subject.Name);
    }

    [Fact]
    public void Leaves_the_model_as_it_was()
    {
        using var network = Broken();
        var before = State(network);
        Find(network, Checkup);
        State(network).Should().Equal(before);
    }

    [Fact]
    public void Can_be_stopped()
    {
        using var network = Digits.Network();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        FluentActions.Invoking(() => (Checkup with { Checks = [Subject] }).Run(Digits.Classifier(network), Digits.Images(8), null, stop.Token))
            .Should().Throw<OperationCanceledException>();
    }

    private protected IReadOnlyList<Finding> Find(nn.Module<Tensor, Tensor> network, ModelCheckup checkup) =>
        (checkup with { Checks = [Subject], Seed = 5 }).Run(Digits.Classifier(network), Digits.Images(32));

    // Modes, flags, weights, and a numbered draw of each layer, which follows from its seed.
    private static string[] State(nn.Module<Tensor, Tensor> network)
    {
        using var scope = NewDisposeScope();
        return
        [
            .. network.modules().Prepend(network).Select(module => $"{module.training}"),
            .. network.named_parameters().Select(found =>
                $"{found.name} {found.parameter.requires_grad} {found.parameter.sum().ToDouble()} {found.parameter.grad is null}"),
            .. network.named_buffers().Select(found => $"{found.name} {found.buffer.sum().ToDouble()}"),
            .. network.StochasticLayers().Select(found =>
                $"{found.Path} {Draw(found.Layer)} {found.Layer.FixedDraw} {found.Layer.IsActive} {found.Layer.UseSurrogate}"),
        ];
    }

    private static double Draw(StochasticLayer layer)
    {
        using var draw = layer.FixDraw(5);
        using var x = full([1, 784], 0.5);
        return layer.call(x).sum().ToDouble();
    }
}
