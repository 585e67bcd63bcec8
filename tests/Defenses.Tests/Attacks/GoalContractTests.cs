using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class AvoidAsGoalTests : GoalContract
{
    protected override Goal Create(Tensor classes) => Goal.Avoid(classes);
}

public sealed class ReachAsGoalTests : GoalContract
{
    protected override Goal Create(Tensor classes) => Goal.Reach(classes);
}

/// <summary>Logits come with a refusal in their last column.</summary>
public sealed class EvadeDetectorsAsGoalTests : GoalContract
{
    protected override long Columns => 7;

    protected override Goal Create(Tensor classes) => new EvadeDetectors(Goal.Avoid(classes), new DetectorLimit(new Anything(), 0));

    private sealed class Anything : IDetectorScore
    {
        public Tensor Score(Tensor images) => images.flatten(1).sum(1);
    }
}
