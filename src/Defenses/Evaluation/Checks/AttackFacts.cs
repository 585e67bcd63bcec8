using System.Globalization;
using Defenses.Attacks;
using Defenses.Evaluation.Reporting;

namespace Defenses.Evaluation.Checks;

/// <summary>What the settings of a report say about an attack: its type stands first in its options.</summary>
internal static class AttackFacts
{
    private static readonly HashSet<string> s_gradient =
    [
        nameof(Pgd), nameof(AdamPgd), nameof(Arc), nameof(Bim), nameof(CwPgd), nameof(Apgd), nameof(CarliniWagner), nameof(OptMargin), nameof(DeepFool), nameof(Fab), nameof(TrustRegion), nameof(Jsma),
        nameof(AutoAttackRandomized),
    ];

    private static readonly HashSet<string> s_blackBox = [nameof(Square), nameof(Nes), nameof(Spsa), nameof(BoundaryAttack), nameof(HopSkipJump), nameof(Transfer), nameof(TransferWithValidation)];

    internal static AttackKind Kind(AttackSettings attack) => KindOf(TypeName(attack));

    internal static AttackKind Kind(Attack attack) => KindOf(attack.GetType().Name);

    /// <summary>Draws behind a gradient; 1 for a view of single draws, and as many as can be for one that sees them all.</summary>
    internal static int EotDraws(AttackSettings attack)
    {
        if (TypeName(attack) == nameof(AutoAttackRandomized)) return 20;
        if (attack.View.Contains("all paths", StringComparison.OrdinalIgnoreCase)) return int.MaxValue;
        return attack.View.StartsWith("EOT ", StringComparison.Ordinal) && int.TryParse(attack.View[4..], NumberStyles.None, CultureInfo.InvariantCulture, out var draws) ? draws : 1;
    }

    /// <summary>Whether it wants any class but the label.</summary>
    internal static bool AvoidsLabel(AttackSettings attack) => attack.Goal == AttackEntry.UsualGoal;

    /// <summary>Whether the attack spends its budget in a norm, as far as its options say: one in another norm wastes it.</summary>
    internal static bool IsIn(AttackSettings attack, string norm) => Option(attack, 0, "Norm") is not { } own || own == norm;

    /// <summary>Steps of a climb at a strength: 1 for an attack of one step, null where the options do not say.</summary>
    internal static int? Steps(AttackSettings attack, int strength) => Kind(attack) switch
    {
        AttackKind.SingleStep => 1,
        AttackKind.Gradient or AttackKind.Unknown when int.TryParse(Option(attack, strength, "Steps"), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) => steps,
        _ => null,
    };

    // Of an option that comes twice, as in an attack within another, the first.
    private static string? Option(AttackSettings attack, int strength, string name)
    {
        if (strength >= attack.Options.Count) return null;
        var (text, key) = (attack.Options[strength], $" {name} = ");
        var start = text.IndexOf(key, StringComparison.Ordinal);
        return start < 0 ? null : text[(start + key.Length)..].Split(',', ' ', '}')[0];
    }

    private static AttackKind KindOf(string type) =>
        s_gradient.Contains(type) ? AttackKind.Gradient : s_blackBox.Contains(type) ? AttackKind.BlackBox
        : type == nameof(Fgsm) ? AttackKind.SingleStep : type == nameof(Noise) ? AttackKind.Noise : AttackKind.Unknown;

    private static string TypeName(AttackSettings attack) => attack.Options.Count > 0 ? attack.Options[0].Split(' ', '(')[0] : "";
}
