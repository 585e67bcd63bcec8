using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A model that is not a torch network: logits x·W, with W (D, classes), and its gradients in closed form. Images (N, D).</summary>
public sealed class ClosedForm(Tensor weight, Bounds bounds) : ModelView
{
    private long _forward, _backward;

    public override Bounds Bounds => bounds;

    public override long Classes => weight.shape[1];

    public override Queries Queries => new(_forward, _backward);

    public override bool IsRandom => false;

    protected override IReadOnlyList<nn.Module> Networks => [];

    protected override Tensor ComputeLogits(Tensor x)
    {
        _forward += x.shape[0];
        return x.matmul(weight);
    }

    protected override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x)
    {
        _backward += x.shape[0] * Classes;
        using var scope = NewDisposeScope();
        return (weight.t().unsqueeze(0).repeat(x.shape[0], 1, 1).MoveToOuterDisposeScope(), ComputeLogits(x).MoveToOuterDisposeScope());
    }

    protected override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        using var withGrad = enable_grad();
        using var scope = NewDisposeScope();
        var logits = ComputeLogits(x).detach().requires_grad_(true);
        var value = loss(logits);
        var slope = autograd.grad([value.sum()], [logits])[0];
        _backward += x.shape[0];
        return new LossGradient(
            slope.matmul(weight.t()).MoveToOuterDisposeScope(), value.detach().MoveToOuterDisposeScope(), logits.detach().MoveToOuterDisposeScope());
    }
}

public sealed class ClosedFormTests : ModelViewContract<ClosedForm>
{
    protected override ClosedForm Create(Classifier model) => new(Numbers.Normal([12, 4], ScalarType.Float64, seed: 4), Bounds.Unit);
}
