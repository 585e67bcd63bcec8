using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Table 3 on the page.</summary>
internal sealed class JumpDetectionPage(DetectorScores? scores, JumpTask task, JumpPaper paper)
{
    private readonly string _plain = JumpModel.NameOf(0), _jump = JumpModel.NameOf(task.Jump.Kappa);

    private string[] Attacks => [.. task.Attacks(1).Select(attack => attack.Name)];

    internal PageSection Section() => new("Table 3: is an attacked image easier to find where the network jumps?")
    {
        Text = scores is null ? ["Both networks recognise too few images: nothing was measured."] :
        [
            $"The area under the ROC curve of local intrinsic dimensionality ({JumpDetection.Neighbors} neighbours among {JumpDetection.Reference} clean "
                + "images, at every activation), attacked images against the same clean ones. A logistic regression is fitted to one half of "
                + $"{scores.Count(_plain)} images that both networks recognise, and judged on the other. Each network is attacked itself, as in table 2. "
                + "Training is plain; the paper does not say which network it took.",
        ],
        Tables = scores is null ? [] : [Areas(scores)],
    };

    /// <summary>The paper's claim about it; none where nothing was measured.</summary>
    internal IEnumerable<PaperClaim> Claims() => scores is null ? [] :
    [
        ClaimPlace.Claim($"Local dimensionality finds attacks on {_jump} better than those on {_plain} (area under the ROC curve, points)",
            PaperGain(Attacks[0]) is null ? "Table 3, CIFAR-10" : "Table 3",
            [.. Attacks.Select(attack => new ClaimPlace(attack, Gain(scores, attack), PaperGain(attack)))]),
    ];

    private PageTable Areas(DetectorScores found) => new("", "activation", Attacks,
    [
        .. new[] { _plain, _jump }.Select(model => new PageRow(model, [.. Attacks.Select(attack =>
            PageCell.Of(found.Curve(model, attack).AucWithin(), paper.Area(model, attack), NumberUnit.Percent))]) { Why = paper.Smaller }),
        new PageRow("what the jump gains, points", [.. Attacks.Select(attack => PageCell.Of(Gain(found, attack), PaperGain(attack), NumberUnit.Points))])
        {
            Why = paper.Smaller,
        },
    ]) { Note = "95 % intervals by DeLong; the gain is paired over the images." };

    private Estimate Gain(DetectorScores found, string attack) => found.Gain(_jump, _plain, attack);

    private double? PaperGain(string attack) => paper.Area(_jump, attack) - paper.Area(_plain, attack);
}
