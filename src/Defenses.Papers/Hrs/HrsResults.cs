using Defenses.Metrics;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>Everything that the protocol measured.</summary>
internal sealed record HrsResults
{
    /// <summary>The defenses, the base first.</summary>
    public required IReadOnlyList<HrsDefense> Defenses { get; init; }

    /// <summary>Strengths in 255ths, ascending; the last is the headline.</summary>
    public required IReadOnlyList<int> Strengths { get; init; }

    public required IReadOnlyDictionary<string, Proportion> Accuracy { get; init; }

    /// <summary>Answers to each test image, of the base and of the random defenses.</summary>
    public IReadOnlyDictionary<string, HrsAnswers> Answers { get; init; } = new Dictionary<string, HrsAnswers>();

    /// <summary>Mean, worst and best path of the widest switching network.</summary>
    public required (Proportion Mean, Proportion Worst, Proportion Best) Paths { get; init; }

    /// <summary>By defense, attack, setting and strength.</summary>
    public IReadOnlyDictionary<(string Defense, string Attack, string Setting, int Strength), SuccessRates> Cells { get; init; } = new Dictionary<(string,
        string, string, int), SuccessRates>();

    public required IReadOnlyDictionary<string, GradientDeviationResult> Gradients { get; init; }

    /// <summary>Untargeted attacks on the base, the adversarially trained and the widest switching network: by defense, attack and strength.</summary>
    public IReadOnlyDictionary<(string Defense, string Attack, int Strength), SuccessRates> Untargeted { get; init; } = new Dictionary<(string, string, int),
        SuccessRates>();

    /// <summary>C&amp;W in L2 on one defense of each family, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<HrsSearch>> Searches { get; init; } = new Dictionary<string, IReadOnlyList<HrsSearch>>();

    /// <summary>One, two and three blocks.</summary>
    public IReadOnlyList<HrsBlockCount> Blocks { get; init; } = [];

    /// <summary>Reprogramming; none on grey images.</summary>
    public IReadOnlyList<HrsProgram> Programs { get; init; } = [];

    internal int Headline => Strengths[^1];

    /// <summary>Whether the base recognises so little that nothing follows from attacks.</summary>
    internal bool IsUntrained => TrainedWell.Fails(Accuracy[Base.Name]);

    internal HrsDefense Base => Defenses[0];

    /// <summary>The widest switching network.</summary>
    internal HrsDefense Widest => Defenses[^1];

    /// <summary>One strength of each family: the base, SAP, the paper's dropout 0.3 or the next, the paper's noise, the widest HRS.</summary>
    internal IReadOnlyList<HrsDefense> Main =>
    [
        .. Defenses.GroupBy(defense => defense.Family).Select(family => family.Key switch
        {
            "dropout" => family.MinBy(defense => Math.Abs(defense.Strength - 0.3))!,
            "Gaussian" => family.MinBy(defense => Math.Abs(Math.Log(defense.Strength / (defense.Strength < 0.05 ? 0.02 : 0.2))))!,
            _ => family.Last(),
        }),
    ];

    /// <summary>Whether a defense recognises nearly as much as the base: a network that is often wrong misses targets, too.</summary>
    internal bool HasLearnt(HrsDefense defense) => Accuracy[defense.Name].Upper >= 0.8 * Accuracy[Base.Name].Rate;

    /// <summary>What an attack reaches; null where it was not run.</summary>
    internal SuccessRates? Cell(HrsDefense defense, string attack, string setting, int? strength = null) =>
        Cells.GetValueOrDefault((defense.Name, attack, setting, strength ?? Headline));

    internal Proportion? Rate(HrsDefense defense, string attack, string setting, int? strength = null) => Cell(defense, attack, setting, strength)?.DefenseRate;

    /// <summary>The mean over all strengths, image by image; null where one is missing.</summary>
    internal SuccessRates? MeanOfStrengths(HrsDefense defense, string attack, string setting)
    {
        SuccessRates[] cells = [.. Strengths.Select(strength => Cell(defense, attack, setting, strength)).OfType<SuccessRates>()];
        return cells.Length == Strengths.Count ? SuccessRates.Mean(cells) : null;
    }

    /// <summary>At the headline: for each image the attack that reaches most of its targets.</summary>
    internal Proportion Worst(HrsDefense defense) => WorstByImage(defense).DefenseRate;

    /// <inheritdoc cref="Worst"/>
    internal SuccessRates WorstByImage(HrsDefense defense) =>
        SuccessRates.Worst([.. Cells.Where(cell => cell.Key.Defense == defense.Name && cell.Key.Strength == Headline).Select(cell => cell.Value)]);

    /// <summary>The correlation of the deviation of the gradients' signs with the defense rate under the published CW-PGD at the headline; null of fewer than
    /// four defenses, or where one of the two does not vary.</summary>
    internal Estimate? Related(IEnumerable<HrsDefense> defenses)
    {
        var points = defenses.Select(defense => (Spread: Gradients[defense.Name].Sign.Value, Rate(defense, "CW-PGD", HrsAttack.Published)!.Rate)).ToArray();
        return points.Length < 4 || points.Select(point => point.Spread).Distinct().Count() == 1 || points.Select(point => point.Rate).Distinct().Count() == 1
            ? null : Correlation.Pearson([.. points.Select(point => point.Spread)], [.. points.Select(point => point.Rate)]);
    }

    /// <summary>The strengths of a family under an attack at the headline.</summary>
    internal IReadOnlyList<SweepPoint> Sweep(string family, string attack, string setting) =>
    [
        .. Defenses.Where(defense => defense.Family == family && Rate(defense, attack, setting) is not null)
            .Select(defense => new SweepPoint(defense.Strength, Rate(defense, attack, setting)!, Accuracy[defense.Name])),
    ];
}
