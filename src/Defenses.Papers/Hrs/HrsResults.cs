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

    internal Proportion? Rate(HrsDefense defense, string attack, string setting, int? strength = null) =>
        Cells.TryGetValue((defense.Name, attack, setting, strength ?? Headline), out var cell) ? cell.DefenseRate : null;

    /// <summary>At the headline: for each image the attack that reaches most of its targets.</summary>
    internal Proportion Worst(HrsDefense defense)
    {
        var cells = Cells.Where(cell => cell.Key.Defense == defense.Name && cell.Key.Strength == Headline).Select(cell => cell.Value.Success).ToArray();
        return new SuccessRates([.. Enumerable.Range(0, cells[0].Length).Select(image => cells.Max(cell => cell[image]))]).DefenseRate;
    }

    /// <summary>The strengths of a family under an attack at the headline.</summary>
    internal IReadOnlyList<SweepPoint> Sweep(string family, string attack, string setting) =>
    [
        .. Defenses.Where(defense => defense.Family == family && Rate(defense, attack, setting) is not null)
            .Select(defense => new SweepPoint(defense.Strength, Rate(defense, attack, setting)!, Accuracy[defense.Name])),
    ];
}
