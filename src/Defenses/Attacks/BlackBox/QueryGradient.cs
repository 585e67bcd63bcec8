using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A view whose gradients are estimated from logits alone: mean of (f(x + σu) − f(x − σu)) / 2σ · u over random directions u.</summary>
/// <remarks>The queries of one estimate are folded into batches, and stay within the bounds.</remarks>
/// <param name="model">The queried model.</param>
/// <param name="pairs">The number of directions of one estimate.</param>
/// <param name="sigma">The distance of the queries from the point, in the units of the bounds.</param>
/// <param name="draw">Draws directions in the shape of a tensor.</param>
internal sealed class QueryGradient(ModelView model, int pairs, double sigma, Func<Tensor, Tensor> draw) : DelegatingModelView(model)
{
    private const long RowsPerPass = 512;

    protected internal override Tensor ComputeLogits(Tensor x) => Inner.ComputeLogits(x);

    /// <remarks>The draws of the model, which folds them: only gradients are estimated.</remarks>
    protected internal override Tensor ComputeLogits(Tensor x, int draws) => Inner.ComputeLogits(x, draws);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var logits = Inner.ComputeLogits(x);
        var value = loss(logits);
        var gradient = Estimate(x, 1, answers => loss(answers).unsqueeze(1));
        return new LossGradient(gradient.view(x.shape), value, logits).MoveToOuterDisposeScope();
    }

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var logits = Inner.ComputeLogits(x);
        var jacobian = Estimate(x, logits.shape[1], answers => answers).view([x.shape[0], logits.shape[1], .. x.shape[1..]]);
        return (jacobian.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    protected internal override DelegatingModelView Over(ModelView inner) => new QueryGradient(inner, pairs, sigma, draw);

    // The gradients of several functions of the logits, (N, classes) → (N, outputs): (N, outputs, D).
    private Tensor Estimate(Tensor x, long outputs, Func<Tensor, Tensor> function)
    {
        var total = zeros([x.shape[0], outputs, x.numel() / x.shape[0]], dtype: x.dtype, device: x.device);
        var most = Math.Max(1, RowsPerPass / (2 * x.shape[0]));
        for (var left = (long)pairs; left > 0; left -= most) Add(total, x, Math.Min(left, most), function);
        return total.div_(2 * sigma * pairs);
    }

    // Queries both ends of some directions in one pass.
    private void Add(Tensor total, Tensor x, long directions, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        var rows = x.shape[0];
        var middle = x.unsqueeze(0).expand([directions, .. x.shape]).reshape([directions * rows, .. x.shape[1..]]);
        var direction = draw(middle);
        var answers = Inner.ComputeLogits(cat([Clip(middle + direction * sigma), Clip(middle - direction * sigma)]));
        var differences = new Tensor[directions];
        for (var k = 0; k < directions; k++)
            differences[k] = FiniteLogits.Of(function(answers.narrow(0, k * rows, rows)))
                - FiniteLogits.Of(function(answers.narrow(0, (directions + k) * rows, rows)));
        var weights = stack(differences, 2).nan_to_num(nan: 0);   // (N, outputs, directions); a loss that is NaN tells nothing
        total.add_(weights.bmm(direction.reshape(directions, rows, -1).transpose(0, 1)));
    }

    private Tensor Clip(Tensor x) => x.clamp_(Inner.Bounds.Lower, Inner.Bounds.Upper);
}
