using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Work;
using Defenses.Metrics;

namespace Defenses.Evaluation;

/// <summary>The settings of an evaluation: defenses × attacks × strengths, and how all of them are judged and reported.</summary>
public abstract class EvaluationGrid
{
    /// <summary>A grid of every defense under every attack at every strength.</summary>
    /// <param name="defenses">The models, the base first; their names differ, their bounds are the same.</param>
    /// <param name="attacks">The attacks with their views; no two have the same name and view.</param>
    /// <param name="strengths">The budgets ε, above 0, in the units of the models' bounds; in any order, all different.</param>
    /// <exception cref="ArgumentException">An argument is empty, or violates a rule above.</exception>
    private protected EvaluationGrid(IReadOnlyList<DefenseEntry> defenses, IReadOnlyList<AttackEntry> attacks, IReadOnlyList<double> strengths)
    {
        Defenses = [.. Require.NotEmpty(defenses, nameof(defenses))];
        Attacks = [.. Require.NotEmpty(attacks, nameof(attacks))];
        Strengths = [.. Require.NotEmpty(strengths, nameof(strengths)).Order()];
        foreach (var strength in Strengths) Require.Positive(strength, nameof(strengths));
        RequireDistinct(Strengths, "ε", nameof(strengths));
        RequireDistinct(Defenses.Select(defense => defense.Name), "the name", nameof(defenses));
        RequireDistinct(Attacks.Select(attack => (attack.Name, attack.View.Name)), "attack and view", nameof(attacks));
        if (Defenses.FirstOrDefault(defense => defense.Model.Bounds != Defenses[0].Model.Bounds) is { } other)
            throw new ArgumentException($"defenses must have the same bounds, or ε means different things; '{other.Name}' has {other.Model.Bounds}, "
                + $"'{Defenses[0].Name}' has {Defenses[0].Model.Bounds}. Move what differs into the preprocessing.", nameof(defenses));
        foreach (var defense in Defenses) defense.RequireSmoothing(nameof(defenses));
        EntryRules.RequireSeparate(Defenses, nameof(defenses));
    }

    /// <summary>The models, the base first.</summary>
    public IReadOnlyList<DefenseEntry> Defenses { get; }

    /// <summary>The attacks with their views.</summary>
    public IReadOnlyList<AttackEntry> Attacks { get; }

    /// <summary>The budgets ε, ascending.</summary>
    public IReadOnlyList<double> Strengths { get; }

    /// <summary>K, the judge's fresh draws of each image and attack, at least 1; by default 100.</summary>
    public int Draws { get; init => field = Require.AtLeast(value, 1, nameof(Draws)); } = 100;

    /// <summary>The seed of attacks and judge; by default (null) unpredictable, or that of the work in the folder.</summary>
    public ulong? Seed { get; init; }

    /// <summary>The confidence of all intervals, between 0 and 1; by default 0.95.</summary>
    public double Confidence { get; init => field = Statistics.Confidence.Check(value, nameof(Confidence)); } = Statistics.Confidence.Default;

    /// <summary>η of the defense efficiency score, above 0; by default 0.002.</summary>
    public double Eta { get; init => field = Require.Positive(value, nameof(Eta)); } = DefenseEfficiency.DefaultEta;

    /// <summary>The norm of the budget; by default L∞. An adversarial image beyond ε in this norm counts as no attack.</summary>
    public Norm Norm { get; init => field = Require.NotNull(value, nameof(Norm)); } = Norm.Linf;

    /// <summary>The number of images that are attacked together, at least 1; by default 100.</summary>
    public int BlockSize { get; init => field = Require.AtLeast(value, 1, nameof(BlockSize)); } = 100;

    /// <summary>The strength of the headline and the first table, one of the strengths; by default (null) the largest.</summary>
    public double? HeadlineStrength { get; init; }

    /// <summary>The attacker; by default <see cref="ThreatModel.WhiteBox"/>. The report leads with its rates.</summary>
    public ThreatModel Threat { get; init => field = Require.NotNull(value, nameof(Threat)); } = ThreatModel.WhiteBox;

    /// <summary>The title of the report.</summary>
    public string Title { get; init => field = Require.NotNull(value, nameof(Title)); } = "Robustness evaluation";

    /// <summary>The command that repeats the measurement, for the report.</summary>
    public string? Command { get; init; }

    /// <summary>
    /// The checks that probe each defense, on its first images and with the attack that did best against it; by default the cheap ones
    /// (<see cref="ModelCheck.Cheap"/>). <see cref="ModelCheck.All"/> is thorough; an empty list probes only certificates. Report checks always run.
    /// </summary>
    public IReadOnlyList<ModelCheck> Checks { get; init => field = [.. Require.NotNull(value, nameof(Checks))]; } = ModelCheck.Cheap;

    /// <summary>The clock of the report's date; by default the system's.</summary>
    public TimeProvider Clock { get; init => field = Require.NotNull(value, nameof(Clock)); } = TimeProvider.System;

    /// <summary>The folder in which a record of each defense is kept, in a subfolder of its name; by default (null) none is kept.</summary>
    /// <remarks>A record is judged again by <c>EvaluationRecord.Verify</c>. Set <see cref="DefenseEntry.Recipe"/>, so that others can make the model.
    /// The attacks must avoid the label, which is their usual goal.</remarks>
    public string? RecordFolder { get; init; }

    internal double Headline => HeadlineStrength ?? Strengths[^1];

    internal int HeadlineIndex => Strengths.ToList().IndexOf(Headline);

    private static void RequireDistinct<T>(IEnumerable<T> values, string what, string name)
    {
        if (values.GroupBy(value => value).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{name} must differ in {what}; {twice.Key} occurs twice.", name);
    }
}
