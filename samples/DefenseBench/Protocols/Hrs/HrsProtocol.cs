using Defenses.Attacks;
using Defenses.Models;
using Defenses.Statistics;

namespace DefenseBench.Protocols.Hrs;

/// <summary>The HRS paper's experiments: accuracy, gradients, efficiency against other random defenses, blocks; with the published attacks, repaired ones and adaptive ones.</summary>
internal sealed class HrsProtocol : IProtocol
{
    internal static readonly string[] Families = ["dropout", "Gaussian", "HRS"];

    /// <inheritdoc/>
    public string Name => "hrs";

    /// <inheritdoc/>
    public string Paper => "Wang, Wang, Zhao, Dong, Chen, Lin 2019 (IJCAI): Protecting Neural Networks with Hierarchical Random Switching";

    /// <inheritdoc/>
    public string Reproduces => "Tables 1 (gradients), 2 (mean DES), A2 (accuracy) and A3 (blocks), and figure 2 (gain over cost), beside attacks that the paper did not run";

    /// <inheritdoc/>
    public IReadOnlyList<string> DataSets { get; } = ["mnist", "fashion-mnist", "cifar10"];

    /// <inheritdoc/>
    public string Sizes(string preset) => HrsSizes.Named(preset).ToString();

    /// <inheritdoc/>
    public ProtocolReport Run(ProtocolContext context)
    {
        var size = HrsSizes.Named(context.Preset);
        using var networks = new HrsNetworks(context, size);
        var measure = new HrsMeasurement(context, size);
        var strengths = context.Data.IsColour ? size.Strengths.Colour : size.Strengths.Grey;
        var defenses = networks.All();
        var results = new HrsResults
        {
            Defenses = defenses, Strengths = strengths, Accuracy = defenses.ToDictionary(defense => defense.Name, measure.Accuracy), Paths = measure.Paths(defenses[^1]),
            Gradients = defenses.ToDictionary(defense => defense.Name, defense => measure.Deviation(defense, strengths[^1])),
            Cells = new Dictionary<(string, string, string, int), HrsCell>(), Untargeted = new Dictionary<(string, string, int), HrsCell>(), Blocks = [],
        };
        results = results with { Cells = Cells(size, measure, results) };
        results = results with { Untargeted = Untargeted(size, measure, results), Blocks = Blocks(size, measure, networks, results) };
        return context.Report(new HrsPage(results, size, context.Data).Make());
    }

    // Every defense at the headline; one of each family at the other strengths, too.
    private static Dictionary<(string, string, string, int), HrsCell> Cells(HrsSizes size, HrsMeasurement measure, HrsResults results)
    {
        var cells = new Dictionary<(string, string, string, int), HrsCell>();
        foreach (var strength in results.Strengths.Reverse())
            foreach (var defense in strength == results.Headline ? results.Defenses : results.Main)
                foreach (var attack in HrsAttack.Plain(size).Concat(results.Main.Contains(defense) ? HrsAttack.Adaptive(size) : []))
                    if (Applies(attack, defense)) cells[(defense.Name, attack.Name, attack.Setting, strength)] = measure.Targeted(defense, attack, strength);
        return cells;
    }

    private static bool Applies(HrsAttack attack, HrsDefense defense) => attack.Setting switch
    {
        HrsAttack.Eot => defense.Model.IsRandom,
        HrsAttack.Exact => defense.Paths is not null,
        _ => true,
    };

    private static Dictionary<(string, string, int), HrsCell> Untargeted(HrsSizes size, HrsMeasurement measure, HrsResults results)
    {
        var cells = new Dictionary<(string, string, int), HrsCell>();
        Func<double, Attack> climb = epsilon => new CwPgd(epsilon) { Steps = size.Steps, Restarts = 1 };
        var (plain, widest) = (results.Base, results.Widest);
        var exact = new AllPaths(widest.Paths!, Bounds.Unit);
        foreach (var strength in results.Strengths)
        {
            cells[(plain.Name, "CW-PGD", strength)] = measure.Untargeted(plain, "CW-PGD", climb, plain.Model, strength);
            cells[(widest.Name, "CW-PGD", strength)] = measure.Untargeted(widest, "CW-PGD", climb, widest.Model, strength);
            cells[(widest.Name, "CW-PGD, EOT", strength)] = measure.Untargeted(widest, "CW-PGD, EOT", climb, new Eot(widest.Model, size.EotDraws), strength);
            cells[(widest.Name, "CW-PGD, all paths", strength)] = measure.Untargeted(widest, "CW-PGD, all paths", climb, exact, strength);
            cells[(widest.Name, "ARC, all paths", strength)] = measure.Untargeted(widest, "ARC, all paths", epsilon => new Arc(epsilon) { Steps = size.Steps }, exact, strength);
        }
        return cells;
    }

    private static (int, Proportion, Proportion, Proportion)[] Blocks(HrsSizes size, HrsMeasurement measure, HrsNetworks networks, HrsResults results)
    {
        var attacks = HrsAttack.Plain(size);
        return
        [
            .. Enumerable.Range(1, 3).Select(blocks =>
            {
                var defense = new HrsDefense($"{blocks} blocks of {size.BlockChannels}", "blocks", blocks, networks.Switching(blocks, size.BlockChannels));
                Proportion Rate(string setting) => measure.Targeted(defense, attacks.Single(attack => attack.Name == "CW-PGD" && attack.Setting == setting), results.Headline).DefenseRate;
                return (blocks, measure.Accuracy(defense), Rate(HrsAttack.Published), Rate(HrsAttack.Repaired));
            }),
        ];
    }
}
