using System.Net;
using System.Text.RegularExpressions;

namespace Defenses.Pages;

/// <summary>The meaning of the terms and abbreviations that occur on a page, in a sentence each.</summary>
internal static partial class Glossary
{
    // The pattern (whole words), the term as it is shown, its meaning.
    private static readonly (Regex Pattern, string Term, string Meaning)[] s_entries =
    [
        Entry("ε", "ε", "how much an attacker may change each input value; 8/255 is eight of the 255 grey levels. Larger is a stronger attack."),
        Entry("κ", "κ", "of C&W: the margin by which the wrong class must win. Of a JumpReLU: the threshold below which an activation becomes 0."),
        Entry("ρ", "ρ", "the size of the change beside the size of the image: ‖x′ − x‖ / ‖x‖. Larger means harder to fool."),
        Entry("L2|L₂", "L2", "the length of the change, as the crow flies, pixels from 0 to 1."),
        Entry("L∞|Linf|DF∞", "L∞", "the largest change of a single value."),
        Entry("defen[sc]e rate", "defense rate", "the share of attacks that fail. 100 % is never fooled."),
        Entry("draws?", "draw", "one random choice of a network that decides at random; another draw may answer otherwise."),
        Entry("DES", "DES", "defense efficiency score: points of defense rate gained for each point of accuracy lost (+ 0.2). Below 0 the defense makes " +
            "things worse."),
        Entry("Δd", "Δd", "gain in defense rate over the unprotected network, in percentage points."),
        Entry("Δt", "Δt", "accuracy lost without an attack, in percentage points."),
        Entry("ROC", "ROC", "for every threshold of a detector: how many attacks it finds, and how many clean inputs it takes for attacks."),
        Entry("areas?|AUC", "area under the ROC curve", "1 is a perfect detector, 0.5 a coin."),
        Entry("McNemar", "McNemar", "a test whether two models differ on the same images; a small p means that chance does not explain it."),
        Entry("clean", "clean", "not attacked."),
        Entry("transfer", "transfer", "examples made on other models, without a query to the model that they are tried on."),
        Entry("FGSM", "FGSM", "an attack of one step along the sign of the gradient: fast and weak."),
        Entry("BIM-A", "BIM-A", "FGSM in small steps, until the image is misread."),
        Entry("PGD", "PGD", "many small steps along the gradient, never farther than ε: the usual strong attack."),
        Entry("CW-PGD", "CW-PGD", "PGD that widens the margin between the wrong class and the right one."),
        Entry("C&W", "C&W", "Carlini and Wagner's attack: looks for the smallest change that succeeds."),
        Entry("DF∞|DF₂|DeepFool", "DeepFool (DF₂, DF∞)", "walks to the nearest boundary of the class, in L2 or L∞."),
        Entry("TR", "TR", "trust region: steps as long as the network is nearly straight."),
        Entry("JSMA", "JSMA", "changes few pixels, those that matter most, by much."),
        Entry("Square", "Square", "tries random squares and uses no gradient: hidden gradients do not stop it."),
        Entry("ARC", "ARC", "an attack on random choices among networks: looks for one step that fools many of them."),
        Entry("EOT", "EOT", "the attacker averages the gradient over several draws, the number behind it."),
        Entry("straight through", "straight through", "the attacker replaces, for the gradient only, what hides it."),
        Entry("fixed draw", "fixed draw", "the attacker attacks one draw, over and over."),
        Entry("HRS", "HRS", "hierarchical random switching: every answer takes a random path through separately trained channels; 4×4 is two blocks of four."),
        Entry("SAP", "SAP", "stochastic activation pruning: small activations are dropped at random."),
        Entry("MVM", "MVM", "sampling of activations with minimal variance."),
        Entry("dropout|Dropout", "dropout", "activations are dropped at random, here also when the network answers; the number is the share."),
        Entry("Gaussian", "Gaussian noise", "random noise is added to the input and before convolutions; the numbers are its spread."),
        Entry("adv\\. training", "adv. training", "adversarial training: the network was trained on attacked images, within the ε behind it."),
        Entry("JumpReLU", "JumpReLU", "sets activations up to a threshold κ to 0 and keeps the others."),
        Entry("RS-1|[Rr]andom spiking", "random spiking (RS-1)", "some activations are replaced by random values."),
        Entry("MagNet", "MagNet", "auto-encoders that refuse or mend inputs which do not look like clean ones."),
        Entry("RC", "RC", "region-based classification: a vote over random points around the input."),
        Entry("LID", "LID", "local intrinsic dimensionality: attacked inputs have other neighbours than clean ones."),
    ];

    /// <summary>The terms that a page chooses, and those that occur in its text, plain or HTML.</summary>
    internal static IReadOnlyList<PageEntry> Of(string text, IReadOnlyList<PageEntry>? chosen = null)
    {
        var words = WebUtility.HtmlDecode(Tag().Replace(text, " "));
        var found = s_entries.Where(entry => entry.Pattern.IsMatch(words)).Select(entry => new PageEntry(entry.Term, entry.Meaning));
        return [.. (chosen ?? []).Concat(found).DistinctBy(entry => entry.Name)];
    }

    // Not inside a longer word or a compound: "PGD" is not in "CW-PGD".
    private static (Regex, string, string) Entry(string pattern, string term, string meaning) =>
        (new Regex($@"(?<![\p{{L}}\p{{N}}-])(?:{pattern})(?![\p{{L}}\p{{N}}]|-\p{{L}})", RegexOptions.CultureInvariant), term, meaning);

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
