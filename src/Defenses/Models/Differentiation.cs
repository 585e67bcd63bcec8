using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Models;

/// <summary>Gradients with respect to inputs. A network without gradients does not end the process; elements that are no finite numbers are replaced.</summary>
/// <remarks>
/// √x at 0 has an infinite slope; where the slope behind it is 0, the product is NaN. Such an element would spoil the direction of the whole image. An
/// infinite element gets the largest finite magnitude of its image (1 where there is none) with its sign: it keeps its direction and does not outweigh all
/// others. NaN has no direction and becomes 0.
/// </remarks>
internal static class Differentiation
{
    /// <summary>∂total/∂leaf.</summary>
    /// <param name="total">The sum to differentiate.</param>
    /// <param name="leaf">The input, (N, …).</param>
    /// <param name="retain">Whether the graph is needed again.</param>
    /// <param name="tallies">The runs that count replaced elements; by default none.</param>
    /// <exception cref="NoGradientException">The total is not connected to the leaf.</exception>
    internal static Tensor InputGradient(Tensor total, Tensor leaf, bool retain, IReadOnlyList<QueryTally>? tallies = null) =>
        GradientOrNull(total, leaf, retain, tallies) ?? throw new NoGradientException();

    /// <summary>∂total/∂leaf, or null where the total is not connected to the leaf. torch ends the process when nothing in a graph
    /// requires a gradient, so this is checked first.</summary>
    internal static Tensor? GradientOrNull(Tensor total, Tensor leaf, bool retain, IReadOnlyList<QueryTally>? tallies = null)
    {
        if (!total.requires_grad) return null;
        var gradient = autograd.grad([total], [leaf], retain_graph: retain, create_graph: false, allow_unused: true)[0];
        if (gradient is null || gradient.IsInvalid) return null;
        return Finite(HasMemoryOfItsOwn(gradient) ? gradient : gradient.clone(), tallies ?? []);
    }

    /// <summary>One gradient query over folded draws. Gradient and loss are sums over the draws; logits are the log of their mean probabilities.</summary>
    /// <param name="x">The batch, (N, …).</param>
    /// <param name="draws">The number of draws; for a single one the logits are its own.</param>
    /// <param name="pass">The logits of all draws: (N, …) → (draws·N, classes).</param>
    /// <param name="loss">The loss of each example, from the logits of one draw: (N, classes) → (N,).</param>
    /// <param name="tallies">The runs that count replaced elements.</param>
    internal static LossGradient OfDraws(Tensor x, int draws, Func<Tensor, Tensor> pass, Func<Tensor, Tensor> loss, IReadOnlyList<QueryTally> tallies)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = x.detach().requires_grad_(true);
        var (logits, rows) = (pass(leaf), x.shape[0]);
        var losses = loss(draws == 1 ? logits : logits.narrow(0, 0, rows));
        for (var draw = 1; draw < draws; draw++) losses = losses + loss(logits.narrow(0, draw * rows, rows));
        var gradient = InputGradient(losses.sum(), leaf, retain: false, tallies);
        var seen = draws > 1 ? MeanAnswer.Of(logits.detach().view([draws, rows, -1])) : logits.detach();
        return new LossGradient(gradient, losses.detach(), seen).MoveToOuterDisposeScope();
    }

    // The gradient, with elements replaced where they are no finite numbers.
    private static Tensor Finite(Tensor gradient, IReadOnlyList<QueryTally> tallies)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var finite = gradient.isfinite();
        if (finite.all().ToBoolean()) return gradient;
        var replaced = finite.numel() - finite.sum().ToInt64();
        foreach (var ledger in tallies.Select(tally => tally.Ledger).Distinct()) ledger.Replaced += replaced;
        var rows = gradient.dim() > 1 ? gradient.flatten(1) : gradient.unsqueeze(1);
        var known = finite.view(rows.shape);
        var most = where(known, rows.abs(), zeros_like(rows)).amax([1], keepdim: true);
        most = where(most > 0, most, ones_like(most));
        var directed = where(rows.isnan(), zeros_like(rows), rows.sign() * most);
        return where(known, rows, directed).view(gradient.shape).MoveToOuterDisposeScope();
    }

    // The gradient of a sum is one number that is broadcast over all elements; such a tensor is not writable.
    private static bool HasMemoryOfItsOwn(Tensor x) => !x.stride().Zip(x.shape).Any(step => step.First == 0 && step.Second > 1);

    /// <summary>The gradients of all outputs: (N, classes), (N, …) → (N, classes, …).</summary>
    internal static Tensor Jacobian(Tensor outputs, Tensor leaf, IReadOnlyList<QueryTally>? tallies = null)
    {
        using var scope = NewDisposeScope();
        var rows = new Tensor[outputs.shape[1]];
        Each(outputs, leaf, (k, gradient) => rows[k] = gradient.MoveToOuterDisposeScope(), tallies);
        return stack(rows, 1).MoveToOuterDisposeScope();
    }

    /// <summary>Reads the gradients of all outputs, (N, …), one output after another, and disposes each. Returns their number.</summary>
    internal static long Each(Tensor outputs, Tensor leaf, Action<int, Tensor> read, IReadOnlyList<QueryTally>? tallies = null)
    {
        var count = (int)outputs.shape[1];
        for (var k = 0; k < count; k++)
        {
            using var scope = NewDisposeScope();
            read(k, InputGradient(outputs.select(1, k).sum(), leaf, retain: k < count - 1, tallies));
        }

        return count;
    }

    /// <summary>The Jacobian (N, K, …) of a query that reads one gradient (N, …) after another, and the logits that the query returns.</summary>
    internal static (Tensor Jacobian, Tensor Logits) Gather(Func<Action<int, Tensor>, Tensor> query)
    {
        var rows = new List<Tensor>();
        try
        {
            var logits = query((_, gradient) => rows.Add(gradient.DetachFromDisposeScope()));
            return (stack(rows, 1), logits);
        }
        finally
        {
            foreach (var row in rows) row.Dispose();
        }
    }

    /// <summary>Reads the rows of a Jacobian, (N, K, …), one after another. Returns the logits, and disposes the Jacobian.</summary>
    internal static Tensor Read((Tensor Jacobian, Tensor Logits) pass, Action<int, Tensor> read)
    {
        using var jacobian = pass.Jacobian;
        for (var k = 0; k < jacobian.shape[1]; k++)
        {
            using var row = jacobian.select(1, k);
            read(k, row);
        }

        return pass.Logits;
    }

    /// <summary>The gradients of functions of the logits, (N, classes) → (N, K), by the chain rule: (N, classes, …) → (N, K, …).</summary>
    internal static Tensor Chain(Tensor jacobian, Tensor logits, Func<Tensor, Tensor> outputs)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var leaf = logits.detach().requires_grad_(true);
        var weights = Jacobian(outputs(leaf), leaf);   // (N, K, classes)
        return weights.bmm(jacobian.flatten(2)).view([jacobian.shape[0], weights.shape[1], .. jacobian.shape[2..]]).detach().MoveToOuterDisposeScope();
    }
}
