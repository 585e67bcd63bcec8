using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds random noise that fools more than every attack that follows gradients: those attacks do not work at all.</summary>
/// <remarks><inheritdoc cref="StrongerByRightCheck" path="/remarks/node()"/> Source: Carlini et al. 2019, section 5 ("random noise").</remarks>
public sealed class NoiseWinsCheck : StrongerByRightCheck
{
    /// <inheritdoc/>
    public override string Title => "Noise beats gradients";

    private protected override bool IsWeaker(Knowledge knowledge) => knowledge == Knowledge.None;

    private protected override Finding Tell(DefenseResult defense, string epsilon, CellResult weaker, CellResult stronger) => Finding(Severity.Invalid,
        $"At ε = {epsilon} {weaker.Attack}, which knows nothing of the model, fools {Percent(weaker):F0} %; the best gradient attack ({stronger.Attack}, {stronger.View}) {Percent(stronger):F0} %.",
        "The gradients lead astray. Use the straight-through view, a loss on logits and attacks without gradients (Square), and look for zero gradients.", defense);
}
