using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>A view whose gradients are estimated from logits alone: mean of (f(x + σu) − f(x − σu)) / 2σ · u over random directions u.</summary>
/// <remarks>The questions of one estimate are folded into batches, and stay within the bounds.</remarks>
/// <param name="model">Who is asked.</param>
/// <param name="pairs">Directions of one estimate.</param>
/// <param name="sigma">How far the questions lie from the point, in the units of the bounds.</param>
/// <param name="draw">Draws directions in the shape of a tensor.</param>
internal sealed class QueryGradient(ModelView model, int pairs, double sigma, Func<Tensor, Tensor> draw) : ModelView
{
    private const long RowsPerPass = 512;

    public override Bounds Bounds => model.Bounds;

    public override long Classes => model.Classes;

    public override Queries Queries => model.Queries;

    public override bool IsRandom => model.IsRandom;

    protected internal override IReadOnlyList<nn.Module> Networks => model.Networks;

    protected internal override Tensor ComputeLogits(Tensor x) => model.ComputeLogits(x);

    protected internal override Tensor ComputeLogits(Tensor x, int draws) => model.ComputeLogits(x, draws);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var logits = model.ComputeLogits(x);
        var value = loss(logits);
        var gradient = Estimate(x, 1, answers => loss(answers).unsqueeze(1));
        return new LossGradient(gradient.view(x.shape), value, logits).MoveToOuterDisposeScope();
    }

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var logits = model.ComputeLogits(x);
        var jacobian = Estimate(x, logits.shape[1], answers => answers).view([x.shape[0], logits.shape[1], .. x.shape[1..]]);
        return (jacobian.MoveToOuterDisposeScope(), logits.MoveToOuterDisposeScope());
    }

    // The gradients of several functions of the logits, (N, classes) → (N, outputs): (N, outputs, D).
    private Tensor Estimate(Tensor x, long outputs, Func<Tensor, Tensor> function)
    {
        var total = zeros([x.shape[0], outputs, x.numel() / x.shape[0]], dtype: x.dtype, device: x.device);
        var most = Math.Max(1, RowsPerPass / (2 * x.shape[0]));
        for (var left = (long)pairs; left > 0; left -= most) Add(total, x, Math.Min(left, most), function);
        return total.div_(2 * sigma * pairs);
    }

    // Asks both ends of some directions in one pass.
    private void Add(Tensor total, Tensor x, long directions, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        var rows = x.shape[0];
        var middle = x.unsqueeze(0).expand([directions, .. x.shape]).reshape([directions * rows, .. x.shape[1..]]);
        var direction = draw(middle);
        var answers = model.ComputeLogits(cat([Clip(middle + direction * sigma), Clip(middle - direction * sigma)]));
        var differences = new Tensor[directions];
        for (var k = 0; k < directions; k++)
            differences[k] = function(answers.narrow(0, k * rows, rows)) - function(answers.narrow(0, (directions + k) * rows, rows));
        var weights = stack(differences, 2);   // (N, outputs, directions)
        total.add_(weights.bmm(direction.reshape(directions, rows, -1).transpose(0, 1)));
    }

    private Tensor Clip(Tensor x) => x.clamp_(model.Bounds.Lower, model.Bounds.Upper);
}
