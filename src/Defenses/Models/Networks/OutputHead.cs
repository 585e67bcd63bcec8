using Defenses.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>What the output of a network means.</summary>
public enum OutputHead
{
    /// <summary>One logit for each class, (N, classes). A network that squeezes a batch of one may answer it with (classes,).</summary>
    Logits,

    /// <summary>The log-odds z of class 1 in a model of two classes, (N, 1) or (N,), before any sigmoid. The logits are (−z/2, z/2).</summary>
    /// <remarks>
    /// Margin and cross-entropy are those of (0, z). But (0, z) would give class 0 a gradient of 0, and an attack that raises one logit at a time (Jsma) could
    /// not move towards it.
    /// </remarks>
    OneLogit,
}

/// <summary>Makes logits (N, classes) of the outputs of one network.</summary>
internal sealed class OutputReading
{
    private const int Sample = 16;   // fewer outputs do not tell a sigmoid from logits
    private bool _isLogit;

    /// <summary>The logits of an output for a batch of <paramref name="rows"/> examples.</summary>
    /// <exception cref="InvalidOperationException">The output has another shape, or is that of a sigmoid.</exception>
    internal Tensor Logits(nn.Module network, Tensor output, long rows, OutputHead head)
    {
        if (NumberTypes.IsHalf(output.dtype)) output = output.to_type(ScalarType.Float32);   // losses and ties need more than 8 or 11 bits
        if (head == OutputHead.OneLogit) return Pair(network, output, rows);
        var logits = rows == 1 && output.dim() == 1 && output.shape[0] > 1 ? output.unsqueeze(0) : output;
        if (logits.dim() == 2 && logits.shape[0] == rows && logits.shape[1] > 1) return logits;
        throw new InvalidOperationException(
            $"The network must give logits of shape (N, classes) with at least two classes; for a batch of {rows} it gave {Require.Shape(output)}." +
            (IsOne(output, rows) ? OneOutput(output) : ""));
    }

    private static bool IsOne(Tensor output, long rows) =>
        output.numel() == rows && (output.dim() < 2 || (output.dim() == 2 && output.shape[1] == 1));

    private static string OneOutput(Tensor output)
    {
        using var scope = NewDisposeScope();
        var (low, high) = Range(output);
        return low >= 0 && high <= 1
            ? " One number in [0, 1] for each example may be the output of a sigmoid. Remove the sigmoid and set Head = OutputHead.OneLogit on the " +
                "classifier: attacks need the logit before it."
            : " A network with one logit for each example is a model of two classes: set Head = OutputHead.OneLogit on the classifier, or on the " +
                "VotingNetwork, AveragingNetwork or RegionNetwork around it.";
    }

    private Tensor Pair(nn.Module network, Tensor output, long rows)
    {
        if (!IsOne(output, rows))
            throw new InvalidOperationException(
                $"With OutputHead.OneLogit the network must give one number for each example, (N, 1) or (N,); for a batch of {rows} it gave " +
                $"{Require.Shape(output)}. With an output for each class leave Head at OutputHead.Logits.");
        RequireLogit(network, output);
        using var scope = NewDisposeScope();
        var half = output.reshape(rows) / 2;
        return stack([-half, half], 1).MoveToOuterDisposeScope();
    }

    // A trained sigmoid fills [0, 1] from end to end and never leaves it. Logits that reach both ends leave it. Near copies of one image prove nothing.
    private void RequireLogit(nn.Module network, Tensor output)
    {
        if (_isLogit) return;
        using var scope = NewDisposeScope();
        var (low, high) = Range(output);
        _isLogit = low < 0 || high > 1;
        var fills = low >= 0 && high <= 1 && ((output.numel() >= Sample && low < 0.05 && high > 0.95) || Last(network) is Sigmoid);
        if (fills)
            throw new InvalidOperationException(
                $"The network gives probabilities, as a sigmoid does (all of {output.numel()} outputs lie in [{low:g3}, {high:g3}]), and attacks need the " +
                "logit. Remove its sigmoid and keep Head = OutputHead.OneLogit, or wrap the network in a module that gives log(p/(1 − p)).");
    }

    private static nn.Module Last(nn.Module module) => module.children().LastOrDefault() is { } child ? Last(child) : module;

    private static (double Low, double High) Range(Tensor output)
    {
        var values = output.detach();
        return (values.min().ToDouble(), values.max().ToDouble());
    }
}
