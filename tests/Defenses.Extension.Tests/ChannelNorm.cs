using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A norm: the largest weighted change, max |w_c·δ|, with a weight for each channel: (N, C, …) → (N,).</summary>
public sealed class ChannelNorm(params double[] weights) : Norm
{
    public override Tensor Size(Tensor perturbation)
    {
        using var scope = NewDisposeScope();
        return (perturbation * Weights(perturbation)).flatten(1).abs().amax([1L]).MoveToOuterDisposeScope();
    }

    public override Tensor SteepestDirection(Tensor gradient)
    {
        using var scope = NewDisposeScope();
        return (gradient.sign() / Weights(gradient)).MoveToOuterDisposeScope();
    }

    public override string ToString() => $"largest change × [{string.Join(", ", weights)}]";

    protected override Tensor ProjectCore(Tensor perturbation, double radius)
    {
        using var scope = NewDisposeScope();
        var limit = radius / Weights(perturbation);
        return maximum(minimum(perturbation, limit), -limit).MoveToOuterDisposeScope();
    }

    protected override Tensor RandomPointCore(Tensor like, double radius, RandomSource random)
    {
        using var scope = NewDisposeScope();
        return ((random.Uniform(like) * 2 - 1) * (radius / Weights(like))).MoveToOuterDisposeScope();
    }

    private Tensor Weights(Tensor like) =>
        tensor(weights, dtype: like.dtype, device: like.device).view([1, weights.Length, .. Enumerable.Repeat(1L, (int)like.dim() - 2)]);
}

public sealed class ChannelNormTests : NormContract
{
    protected override Norm Norm { get; } = new ChannelNorm(1, 2);

    protected override double Radius => 0.4;

    [Fact]
    public void Attacks_with_a_budget_keep_it()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        var norm = new ChannelNorm([.. Enumerable.Range(1, 12).Select(channel => channel % 2 + 0.5)]);
        Attack[] attacks =
        [
            new Pgd(0.2) { Norm = norm, Seed = 1 }, new Bim(0.2) { Norm = norm }, new Fgsm(0.2) { Norm = norm }, new CwPgd(0.2) { Norm = norm, Seed = 1 },
            new Apgd(0.2) { Norm = norm, Seed = 1, Steps = 20 }, new Noise(0.2) { Norm = norm, Seed = 1 }, new MomentumPgd(0.2) { Norm = norm },
        ];
        foreach (var attack in attacks)
        {
            using var result = attack.Run(network.Classifier(), x, labels);
            Numbers.Of(result.Size).Should().OnlyContain(size => size > 0 && size <= 0.2 * (1 + 1e-5), attack.ToString());
        }
    }

    [Fact]
    public void Attacks_that_know_some_norms_only_say_so()
    {
        Action[] refused =
        [
            () => _ = new Fab { Norm = Norm }, () => _ = new DeepFool { Norm = Norm }, () => _ = new CarliniWagner { Norm = Norm },
            () => _ = new Square(0.1) { Norm = Norm },
            () => _ = new AutoAttackStandard(0.1) { Norm = Norm }, () => _ = new HopSkipJump { Norm = Norm }, () => _ = new TrustRegion { Norm = Norm },
            () => _ = new Jsma { Norm = Norm }, () => _ = new Nes(0.1) { Norm = Norm }, () => _ = new AdamPgd(0.1) { Norm = Norm },
        ];
        foreach (var make in refused) make.Should().Throw<ArgumentException>().WithMessage("Norm must be*largest change × [1, 2]*").WithParameterName("Norm");
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        FluentActions.Invoking(() => new Noise(0.1) { Norm = Norm, Kind = NoiseKind.SaltAndPepper }.Run(network.Classifier(), x, labels))
            .Should().Throw<InvalidOperationException>().WithMessage("*largest change*NoiseKind.Uniform*");
    }
}
