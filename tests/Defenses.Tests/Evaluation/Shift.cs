using Defenses.Attacks;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation;

/// <summary>Moves every element by the same amount, whatever the model says; not clipped, so that it can break budget and bounds.</summary>
internal sealed record Shift(double Amount) : Attack
{
    public override Norm Norm { get; init; } = Norm.Linf;

    public override Knowledge Knowledge => Knowledge.None;

    protected internal override Tensor Perturb(AttackRun run)
    {
        run.Step(1, 1);
        return run.Original + Amount;
    }
}
