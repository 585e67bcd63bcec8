using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds an attack without gradients, or one carried over from another model, that fools more than every white-box attack: a mark of masked gradients.</summary>
/// <remarks><inheritdoc cref="StrongerByRightCheck" path="/remarks/node()"/> Source: Athalye et al. 2018, section 3.1 ("black-box attacks are better than white-box attacks").</remarks>
public sealed class BlackBoxWinsCheck : StrongerByRightCheck
{
    /// <inheritdoc/>
    public override string Title => "Attacks without gradients beat white-box attacks";

    private protected override bool IsWeaker(Knowledge knowledge) => knowledge.AsksOnly();

    private protected override Finding Tell(DefenseResult defense, string epsilon, CellResult weaker, CellResult stronger) => Finding(Severity.Warning,
        $"At ε = {epsilon} {weaker.Attack} ({weaker.View}) fools {Percent(weaker):F0} %, the best gradient attack ({stronger.Attack}, {stronger.View}) {Percent(stronger):F0} %, though it may look inside the model.",
        "The gradients are masked. Use the straight-through view, more EOT draws and a loss on logits; until then only the stronger attack's figure counts.", defense);
}
