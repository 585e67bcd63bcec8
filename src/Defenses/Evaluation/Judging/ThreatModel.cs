using System.Globalization;
using Defenses.Models;

namespace Defenses.Evaluation;

/// <summary>The attacker against whom an evaluation measures: what the attacker sees, whether the draw is known, and how many tries there are.</summary>
/// <remarks>
/// By default the attacker knows the whole model, but not the draw by which it answers, and has one try at each image. Every report leads with the rates
/// of its threat model.
/// </remarks>
public sealed record ThreatModel
{
    /// <summary>The whole model, an unknown draw, one try: the default.</summary>
    public static ThreatModel WhiteBox { get; } = new();

    /// <summary>What the attacker sees of the model; by default <see cref="ModelAnswers.Gradients"/>: the whole model.</summary>
    /// <remarks>An evaluation refuses an attack that needs more, and below gradients a view that changes the network.</remarks>
    public ModelAnswers Sees
    {
        get;
        init => field = Enum.IsDefined(value) ? value
            : throw new ArgumentOutOfRangeException(nameof(Sees), value, $"Sees must be Decisions, Scores or Gradients; it is {value}.");
    } = ModelAnswers.Gradients;

    /// <summary>Whether the attacker knows the draw that answers; false by default.</summary>
    /// <remarks>
    /// If true, each image is attacked and judged with one numbered draw of the model (<see cref="FixedDraw"/>), another one for each image: the evaluation
    /// must attack one image at a time, and another try changes nothing.
    /// </remarks>
    public bool KnowsDraw { get; init; }

    /// <summary>How often the attacker may try one adversarial image, at least 1; by default 1. Each try is a fresh draw, and one success is enough.</summary>
    public int Tries { get; init => field = Require.AtLeast(value, 1, nameof(Tries)); } = 1;

    /// <summary>The threat model in a sentence.</summary>
    public override string ToString() => $"{Knows}; {Secret}; {TriesText} at each image";

    /// <summary>What is attacked and judged on a block of images.</summary>
    internal ModelView ModelOf(ModelView model, long block) =>
        KnowsDraw && model is Classifier { IsRandom: true } random ? new FixedDraw(random, block) : model;

    internal string Knows => Sees switch
    {
        ModelAnswers.Gradients => "knows the model, its weights and its defense, and can differentiate it",
        ModelAnswers.Scores => "sees the scores of each answer, and nothing of the network",
        _ => "sees the decision of each answer, and nothing else",
    };

    internal string Short => Sees switch
    {
        ModelAnswers.Gradients => "white box", ModelAnswers.Scores => "black box, scores", _ => "black box, decisions",
    };

    internal string TriesText => Tries == 1 ? "one try" : string.Create(CultureInfo.InvariantCulture, $"up to {Tries} tries");

    private string Secret => KnowsDraw ? "knows the draw that answers" : "does not know the draws by which it is judged";
}
