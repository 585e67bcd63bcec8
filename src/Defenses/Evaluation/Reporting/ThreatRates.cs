using Defenses.Models;
using Defenses.Statistics;

namespace Defenses.Evaluation.Reporting;

/// <summary>The rates of a report that its threat model asks for.</summary>
internal sealed class ThreatRates(ReportSettings settings)
{
    private readonly ThreatModel _threat = settings.Attacker;

    /// <summary>Right answers under the worst attack: single ones, or in all of the attacker's tries.</summary>
    internal Proportion Right(StrengthResult at) => InTries(at.Tries)?.Accuracy ?? at.Worst.Accuracy.MeanDraw;

    /// <summary>Right answers without an attack, counted alike.</summary>
    internal Proportion Right(DefenseResult defense) => InTries(defense.Tries)?.Accuracy ?? defense.Accuracy.MeanDraw;

    /// <summary>Accuracy under attack minus that of each earlier defense.</summary>
    internal IReadOnlyList<Estimate> Over(StrengthResult at) => at.AccuracyInTriesOver ?? at.AccuracyOver;

    /// <summary>Recognized images that hold in all tries; null for one try, where the defense rate says it.</summary>
    internal Proportion? Held(StrengthResult at) => InTries(at.Tries)?.Success?.Complement();

    /// <summary>"", or " in all 10 tries".</summary>
    internal string InAllTries => _threat.Tries == 1 ? "" : $" in all {NumberFormat(_threat.Tries)} tries";

    /// <summary>"Attackers who know the whole model".</summary>
    internal string Attackers => "Attackers who " + (_threat.Sees switch
    {
        ModelAnswers.Gradients => "know the whole model", ModelAnswers.Scores => "see the scores of its answers", _ => "see only its decisions",
    }) + (_threat.KnowsDraw ? " and the draw that answers" : "");

    /// <summary>"", or ", up to 10 times at each image".</summary>
    internal string UpTo => _threat.Tries == 1 ? "" : $", up to {NumberFormat(_threat.Tries)} times at each image";

    private static string NumberFormat(int number) => Pages.NumberFormat.Whole(number);

    private TriesPoint? InTries(TriesResult? result) => _threat.Tries == 1 ? null : result?.At(_threat.Tries);
}
