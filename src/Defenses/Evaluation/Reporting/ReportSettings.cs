using System.Text.Json.Serialization;
using Defenses.Attacks;

namespace Defenses.Evaluation.Reporting;

/// <summary>The settings of the measurement of a report.</summary>
public sealed record ReportSettings
{
    /// <summary>A description of the images, such as "MNIST test".</summary>
    public string? Dataset { get; init; }

    /// <summary>The number of images.</summary>
    public required long Images { get; init; }

    /// <summary>K, the judge's fresh draws of each image and attack.</summary>
    public required int Draws { get; init; }

    /// <summary>The confidence of all intervals.</summary>
    public required double Confidence { get; init; }

    /// <summary>η of the defense efficiency score.</summary>
    public required double Eta { get; init; }

    /// <summary>The norm in which the budget is measured.</summary>
    public required string Norm { get; init; }

    /// <summary>The smallest valid input value.</summary>
    public required double Lower { get; init; }

    /// <summary>The largest valid input value.</summary>
    public required double Upper { get; init; }

    /// <summary>The budgets ε in ascending order, in the units of the input.</summary>
    public required IReadOnlyList<double> Strengths { get; init; }

    /// <summary>The budget of the headline and of the first table.</summary>
    public required double Headline { get; init; }

    /// <summary>The seed of all random numbers.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong Seed { get; init; }

    /// <summary>Images attacked together; a part of the settings, because attacks draw random numbers block by block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Images judged together.</summary>
    public required int JudgeBlockSize { get; init; }

    /// <summary>The attacks.</summary>
    public required IReadOnlyList<AttackSettings> Attacks { get; init; }

    /// <summary>The checks that probed each defense, by type.</summary>
    public IReadOnlyList<string> Checks { get; init; } = [];

    /// <summary>The attacker; null in reports of earlier versions: <see cref="ThreatModel.WhiteBox"/>.</summary>
    public ThreatModel? Threat { get; init; }

    /// <summary>The version of the library.</summary>
    public required string Library { get; init; }

    /// <summary>The command that measures the same again, if known.</summary>
    public string? Command { get; init; }

    internal ThreatModel Attacker => Threat ?? ThreatModel.WhiteBox;
}

/// <summary>One attack of an evaluation, from one view. Properties that are not parameters are null in reports of earlier versions.</summary>
/// <param name="Attack">The name of the attack.</param>
/// <param name="View">The attacker's view.</param>
/// <param name="Goal">The goal: "avoid the label" or a custom name.</param>
/// <param name="Options">All options, one text for each strength.</param>
public sealed record AttackSettings(string Attack, string View, string Goal, IReadOnlyList<string> Options)
{
    /// <summary>The information that the attack takes from the model: gradients, scores, decisions.</summary>
    public Knowledge? Knowledge { get; init; }

    /// <summary>Steps along gradients at the headline strength; null where it has no such number.</summary>
    public int? Steps { get; init; }

    /// <summary>Draws of a random model behind a gradient, of view and attack together; <see cref="int.MaxValue"/> for all of them.</summary>
    public int? Draws { get; init; }

    /// <summary>The norm of the attack's budget.</summary>
    public string? Norm { get; init; }

    /// <summary>The quantity that the view averages over draws, such as "plain" for "EOT 20"; equal for views that
    /// differ only in the number of draws.</summary>
    public string? Averages { get; init; }

    /// <summary>The constraint on the images; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Constraint { get; init; }

    /// <summary>Only the names and options, as every version writes them: all other properties follow from them.</summary>
    internal AttackSettings Named => new(Attack, View, Goal, Options);

    /// <summary>Whether its goal is any class but the label.</summary>
    internal bool AvoidsLabel => Goal == AttackEntry.UsualGoal;

    /// <summary>Whether the norm of the attack's budget is the given norm or unknown: a budget in another norm is wasted.</summary>
    internal bool IsIn(string norm) => Norm is null || Norm == norm;
}
