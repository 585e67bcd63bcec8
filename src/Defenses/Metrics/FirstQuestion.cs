using Defenses.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Metrics;

/// <summary>Lets an attack run up to its first question for a gradient, answers that to somebody else, and stops the attack.</summary>
internal sealed class FirstQuestion(ModelView model, Func<Tensor, Func<Tensor, Tensor>, Spread> measure) : ModelView
{
    /// <summary>What was measured at the first question; null before.</summary>
    internal Spread? Answer { get; private set; }

    public override Bounds Bounds => model.Bounds;

    public override long Classes => model.Classes;

    public override Queries Queries => model.Queries;

    public override bool IsRandom => model.IsRandom;

    protected internal override IReadOnlyList<nn.Module> Networks => model.Networks;

    protected internal override IReadOnlyList<nn.Module> ChannelsLastNetworks(bool exact) => model.ChannelsLastNetworks(exact);

    protected internal override Tensor ComputeLogits(Tensor x) => model.ComputeLogits(x);

    protected internal override Tensor ComputeLogits(Tensor x, int draws) => model.ComputeLogits(x, draws);

    protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => model.ComputeJacobian(x);

    protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss)
    {
        Answer = measure(x, loss);
        throw new Answered();
    }

    /// <summary>The question has been answered: unwinds the attack.</summary>
    internal sealed class Answered : Exception;
}
