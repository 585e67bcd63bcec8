using static TorchSharp.Lite.Tests.NN.Expect;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class LossTests : IDisposable
{
    private static readonly double L2 = Math.Log(2);
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _logits = Shaped([2, 2], 0, MathF.Log(3), 0, 0);   // probabilities ¼ ¾, ½ ½
    private readonly Tensor _labels = tensor(new long[] { 0, 1 });

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Cross_entropy_is_the_mean_negative_logarithm_of_the_labels_probability()
    {
        var expected = (float)((2 * L2 + L2) / 2);
        nn.CrossEntropyLoss().call(_logits, _labels).ShouldHold(expected);
        nn.functional.cross_entropy(_logits, _labels, reduction: nn.Reduction.Sum).ShouldHold(2 * expected);
        nn.functional.cross_entropy(_logits, _labels, reduction: nn.Reduction.None).ShouldHold((float)(2 * L2), (float)L2);
        nn.NLLLoss().forward(_logits.log_softmax(1), _labels).ShouldHold(expected);
    }

    [Fact]
    public void Cross_entropy_weights_smooths_and_ignores()
    {
        nn.functional.cross_entropy(_logits, _labels, weight: Floats(3, 1)).ShouldHold((float)((3 * 2 * L2 + L2) / 4));
        nn.CrossEntropyLoss(ignore_index: 1).forward(_logits, _labels).ShouldHold((float)(2 * L2));
        var smoothed = 0.9 * 2 * L2 + 0.1 * (2 * L2 - Math.Log(0.75)) / 2;
        nn.functional.cross_entropy(_logits.narrow(0, 0, 1), _labels.narrow(0, 0, 1), label_smoothing: 0.1).ShouldHold((float)smoothed);
    }

    [Fact]
    public void Cross_entropy_takes_probabilities_as_targets() =>
        nn.functional.cross_entropy(_logits, Shaped([2, 2], 0.5f, 0.5f, 1, 0))
            .ShouldHold((float)((0.5 * (2 * L2 - Math.Log(0.75)) + L2) / 2));

    [Fact]
    public void Regression_losses_are_their_formulas()
    {
        var (input, target) = (Floats(0, 3), Floats(1, 1));
        nn.MSELoss().forward(input, target).ShouldHold(2.5f);
        nn.L1Loss(nn.Reduction.Sum).forward(input, target).ShouldHold(3);
        nn.SmoothL1Loss(nn.Reduction.None).forward(input, target).ShouldHold(0.5f, 1.5f);
        nn.HuberLoss(0.5, nn.Reduction.None).forward(input, target).ShouldHold(0.375f, 0.875f);
    }

    [Fact]
    public void Binary_losses_are_their_formulas()
    {
        var target = Floats(1, 0);
        nn.BCELoss().forward(Floats(0.5f, 0.75f), target).ShouldHold((float)(1.5 * L2));
        nn.BCEWithLogitsLoss().forward(Floats(0, MathF.Log(3)), target).ShouldHold((float)(1.5 * L2));
        nn.BCEWithLogitsLoss(pos_weights: Floats(3)).forward(Floats(0, MathF.Log(3)), target).ShouldHold((float)(2.5 * L2));
        ((Action)(() => nn.functional.binary_cross_entropy(Floats(0.5f), target))).Should().Throw<Exception>();
    }

    [Fact]
    public void Divergence_takes_logarithms_of_both_unless_told_otherwise()
    {
        var (input, target) = (Floats(0.25f, 0.75f).log(), Floats(0.5f, 0.5f));
        var divergence = (float)(0.5 * Math.Log(2) + 0.5 * Math.Log(2.0 / 3));
        nn.KLDivLoss(reduction: nn.Reduction.Sum).forward(input, target.log()).ShouldHold(divergence);
        nn.KLDivLoss(log_target: false).forward(input, target).ShouldHold(divergence / 2);
    }
}
