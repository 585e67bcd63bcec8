using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>A network whose last layer is replaced by one that knows two answers: inside (the label) and border (another class).</summary>
/// <remarks>Shape: (N, …) → (N, classes). With the readout's score s the label's logit is −s, that of the next class s, and all others are far below.</remarks>
internal sealed class BinarizedNetwork : nn.Module<Tensor, Tensor>
{
    private const string Child = "network";
    private const double FarBelow = 10;
    private readonly PenultimateFeatures _tap;
    private readonly double _bias;
    private readonly Tensor[] _tensors;

    internal BinarizedNetwork(nn.Module<Tensor, Tensor> network, PenultimateFeatures tap, BinaryReadout readout, Tensor like, long label, long classes) : base(nameof(BinarizedNetwork))
    {
        (_tap, _bias) = (tap, readout.Bias);
        using var scope = NewDisposeScope();
        var numbers = arange(classes, dtype: ScalarType.Int64);
        var (own, other) = (numbers.eq(label).to_type(like.dtype), numbers.eq((label + 1) % classes).to_type(like.dtype));
        Tensor[] made = [tensor(readout.Weight, dtype: ScalarType.Float64).to_type(like.dtype), other - own, 1 - own - other];
        _tensors = [.. made.Select(each => each.to(like.device).alias().DetachFromDisposeScope())];
        eval();   // before there is a child: its mode stays as it is
        register_module(Child, network);
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (weight, direction, rest) = (_tensors[0], _tensors[1], _tensors[2]);
        var score = (_tap.Features(input) * weight).sum(dim: 1, keepdim: true) + _bias;
        return (score * direction - (score.detach().abs() + FarBelow) * rest).MoveToOuterDisposeScope();
    }

    // The network is not ours: it leaves before we go.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            register_module(Child, null!);
            foreach (var held in _tensors) held.Dispose();
        }
        base.Dispose(disposing);
    }
}
