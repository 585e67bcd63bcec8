namespace Defenses.Models;

/// <summary>The most that a model tells an attacker. Each kind includes the ones before it.</summary>
public enum ModelAnswers
{
    /// <summary>The class of an image. The logits are 1 for this class and 0 for the others, and mean nothing more.</summary>
    Decisions,

    /// <summary>Scores of all classes: logits.</summary>
    Scores,

    /// <summary>Scores, and gradients of any loss of them.</summary>
    Gradients,
}

/// <summary>Kinds of answers in words.</summary>
internal static class ModelAnswersExtensions
{
    /// <summary>"decisions", "scores", "gradients".</summary>
    internal static string Words(this ModelAnswers answers) => answers switch
    {
        ModelAnswers.Decisions => "decisions", ModelAnswers.Scores => "scores", _ => "gradients",
    };
}
