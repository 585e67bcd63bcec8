using Defenses.Attacks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Pages;

namespace Defenses.Evaluation.Checks;

/// <summary>Compares the attack in question with the same attack at more steps (<see cref="Steps"/>) or restarts (<see cref="Restarts"/>).</summary>
internal sealed class MoreEffortCheck : StrongerAttackCheck
{
    private readonly AttackEffort _effort;
    private readonly int _factor;

    private MoreEffortCheck(AttackEffort effort, int factor) => (_effort, _factor) = (effort, factor);

    internal static MoreEffortCheck Steps { get; } = new(AttackEffort.Steps, 2)
    {
        Missing = "the attack has no steps to double", Amount = "more steps", Cause = "it stops too early",
        Action = "Double the steps until accuracy no longer falls; a step of about ε/10 is usual.",
    };

    internal static MoreEffortCheck Restarts { get; } = new(AttackEffort.Restarts, 4)
    {
        Missing = "the attack has no restarts", Amount = "four times as many", Cause = "the loss is so rough that the starting point decides",
        Action = "Raise the number of restarts until accuracy no longer falls, and try Auto-PGD and attacks without gradients.",
    };

    public override string Name => $"More{_effort}Check";

    public override string Title => $"More {Plural} still lower accuracy";

    protected override string NoOther => Missing;

    private string Plural => $"{_effort}".ToLowerInvariant();

    private string Missing { get; init; } = "";

    private string Amount { get; init; } = "";

    private string Cause { get; init; } = "";

    private string Action { get; init; } = "";

    protected override (Attack Attack, ModelView View)? Other(CheckContext context) =>
        context.AttackWith(context.Epsilon).Strengthen(_effort, _factor) is { } attack ? (attack, context.SeenThrough(context.View)) : null;

    protected override Finding Report(double own, double other) =>
        Finding(Severity.Warning, $"With its own {Plural} the attack fools {own:F0} % of the images, with {Amount} {other:F0} %: {Cause}.", Action);
}
