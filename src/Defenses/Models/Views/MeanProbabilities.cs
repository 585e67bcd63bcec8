using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>
/// The gradient of a loss of the logarithm of the mean probabilities over draws, with no more memory than the draws that a model folds into one pass.
/// </summary>
/// <remarks>
/// ∇ loss(log p̄) is the mean over draws of ∇ Σ_c w_c·p_c/p̄_c with w = ∂loss/∂log p̄. The same draws are used twice: for p̄ without a graph, then
/// for the gradient.
/// </remarks>
internal static class MeanProbabilities
{
    /// <summary>Gradient, loss, and log mean probabilities over fresh draws of a random model.</summary>
    internal static LossGradient ComputeGradient(ModelView model, Tensor x, Func<Tensor, Tensor> loss, int draws)
    {
        using var scope = NewDisposeScope();
        var network = model.Networks.FirstOrDefault(network => network.IsRandom()) ?? throw new NotSupportedException(
            $"The gradient of mean probabilities uses the same draws twice, and those of a {model.GetType().Name} cannot be repeated: it draws outside of " +
            "StochasticLayers. Average losses (EotAverage.Losses), or let a StochasticLayer draw.");
        var seed = network.DrawSeed();
        Tensor mean;
        using (model.LendNumbers(seed)) mean = model.ComputeLogits(x, draws).log_softmax(-1).logsumexp(0) - Math.Log(draws);   // (N, classes)
        var (slope, value) = Slope(loss, mean);
        using var again = model.LendNumbers(seed);
        var part = model.ComputeGradient(x, logits => ((logits.log_softmax(-1) - mean).exp() * slope).sum(-1), draws);
        return new LossGradient(part.Gradient, value, mean).MoveToOuterDisposeScope();
    }

    private static (Tensor Slope, Tensor Value) Slope(Func<Tensor, Tensor> loss, Tensor logits)
    {
        using var withGrad = enable_grad();
        var leaf = logits.detach().requires_grad_(true);
        var value = loss(leaf);
        return (Differentiation.GradientOrNull(value.sum(), leaf, retain: false) ?? zeros_like(leaf).detach(), value.detach());
    }
}
