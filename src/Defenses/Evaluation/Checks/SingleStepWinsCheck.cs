using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Finds an attack of one step that fools more than every attack of many: the many steps get lost.</summary>
/// <remarks><inheritdoc cref="StrongerByRightCheck" path="/remarks/node()"/> Source: Athalye et al. 2018, section 3.1 ("one-step attacks perform better than iterative attacks").</remarks>
public sealed class SingleStepWinsCheck : StrongerByRightCheck
{
    /// <inheritdoc/>
    public override string Title => "One step beats many";

    private protected override bool IsWeaker(Knowledge knowledge) => knowledge == Knowledge.SingleStep;

    private protected override bool IsStronger(Knowledge knowledge) => knowledge.HasFlag(Knowledge.Gradient);

    private protected override Finding Tell(DefenseResult defense, string epsilon, CellResult weaker, CellResult stronger) => Finding(Severity.Warning,
        $"At ε = {epsilon} {weaker.Attack} ({weaker.View}) fools {Percent(weaker):F0} %, the best attack of many steps ({stronger.Attack}, {stronger.View}) {Percent(stronger):F0} %.",
        "Give the attacks of many steps more of them, restarts, and a step size of about ε/10.", defense);
}
