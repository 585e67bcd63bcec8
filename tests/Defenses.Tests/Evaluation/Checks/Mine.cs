using Defenses.Attacks;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

/// <summary>An attack of one's own, that says what it asks of the model and what it spends, and changes nothing.</summary>
internal sealed record Mine(Knowledge Asks, int? Climb = null, int Averaged = 1) : Attack
{
    public override Norm Norm { get; init; } = Norm.Linf;

    public override Knowledge Knowledge => Asks;

    public override int? GradientSteps => Climb;

    public override int GradientDraws => Averaged;

    protected internal override Tensor Perturb(AttackRun run)
    {
        run.Step(1, 1);
        return run.Original.clone();
    }
}
