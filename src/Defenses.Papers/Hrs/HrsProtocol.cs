using Defenses.Attacks;
using Defenses.Models;
using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>The HRS paper's experiments: accuracy, gradients, efficiency against other defenses, blocks, reprogramming; with the published attacks,
/// repaired ones and adaptive ones.</summary>
internal sealed class HrsProtocol : IProtocol
{
    /// <inheritdoc/>
    public string Name => "hrs";

    /// <inheritdoc/>
    public string Paper => "Wang, Wang, Zhao, Dong, Chen, Lin 2019 (IJCAI): Protecting Neural Networks with Hierarchical Random Switching";

    /// <inheritdoc/>
    public string Reproduces =>
        "Tables 1 (gradients), 2 (mean DES), A2 (accuracy) and A3 (blocks), figure 2 (gain over cost), C&W, and on CIFAR-10 reprogramming, beside attacks "
            + "that the paper did not run";

    /// <inheritdoc/>
    public IReadOnlyList<string> DataSets { get; } = ["mnist", "fashion-mnist", "cifar10"];

    /// <inheritdoc/>
    public string Sizes(string preset, string dataSet, int? images) => HrsSizes.Of(preset, dataSet == "cifar10", images).ToString();

    /// <inheritdoc/>
    public ProtocolReport Run(ProtocolContext context)
    {
        var size = HrsSizes.Of(context.Preset, context.Data.IsColor, context.Images);
        using var networks = new HrsNetworks(context, size);
        var measure = new HrsMeasurement(context, size);
        var defenses = networks.All();
        var own = new HrsDefense($"1 block of {size.BlockChannels}", "blocks", 1, networks.Switching(1, size.BlockChannels));
        var results = new HrsResults
        {
            Defenses = defenses, Strengths = size.Strengths, Accuracy = defenses.ToDictionary(defense => defense.Name, measure.Accuracy),
            Paths = measure.Paths(defenses[^1]),
            Answers = defenses.Where(defense => defense.Family == "base" || defense.Model.IsRandom).ToDictionary(defense => defense.Name, measure.Answers),
            Gradients = defenses.ToDictionary(defense => defense.Name, defense => measure.Deviation(defense, size.Strengths[^1])),
        };
        results = results with { Cells = Cells(size, measure, results, own.Exact!) };
        results = results with { Untargeted = Untargeted(size, measure, results, own.Exact!), Searches = Searches(size, measure, results) };
        results = results with { Blocks = Blocks(size, measure, networks, results, own), Programs = HrsReprogramming.All(context, size, results.Main) };
        return context.Report(new HrsPage(results, size, context.Data).Make());
    }

    // Every defense at the headline; one of each family at the other strengths, too, there with the adaptive attacks on the base and the widest network only.
    private static Dictionary<(string, string, string, int), SuccessRates> Cells(HrsSizes size, HrsMeasurement measure, HrsResults results, ModelView own)
    {
        var cells = new Dictionary<(string, string, string, int), SuccessRates>();
        foreach (var strength in results.Strengths.Reverse())
            foreach (var defense in strength == results.Headline ? results.Defenses : results.Main)
            {
                var adaptive = strength == results.Headline ? results.Main.Contains(defense) : defense == results.Base || defense == results.Widest;
                foreach (var attack in HrsAttack.Plain(size).Concat(adaptive ? HrsAttack.Adaptive(size, own) : []))
                    if (Applies(attack, defense)) cells[(defense.Name, attack.Name, attack.Setting, strength)] = measure.Targeted(defense, attack, strength);
            }
        var pgd = HrsAttack.Plain(size).Single(attack => attack is { Name: "PGD", Setting: HrsAttack.Published });   // what the paper's table 1 has of others
        foreach (var defense in results.Defenses.Except(results.Main).Where(defense => HrsPaper.MeanRate(defense.Name) is not null))
            foreach (var strength in results.Strengths.Where(strength => strength != results.Headline))
                cells[(defense.Name, pgd.Name, pgd.Setting, strength)] = measure.Targeted(defense, pgd, strength);
        return cells;
    }

    private static bool Applies(HrsAttack attack, HrsDefense defense) => attack.Setting switch
    {
        HrsAttack.Eot => defense.Model.IsRandom,
        HrsAttack.Exact => defense.Exact is not null,
        _ => true,
    };

    private static Dictionary<(string, string, int), SuccessRates> Untargeted(HrsSizes size, HrsMeasurement measure, HrsResults results, ModelView own)
    {
        var cells = new Dictionary<(string, string, int), SuccessRates>();
        var (climb, widest) = (HrsAttack.Margin(size), results.Widest);
        foreach (var strength in results.Strengths)
        {
            void Add(HrsDefense defense, string name, Func<double, Attack> attack, ModelView view) =>
                cells[(defense.Name, name, strength)] = measure.Untargeted(defense, name, attack, view, strength);
            Add(results.Base, "CW-PGD", climb, results.Base.Model);
            if (results.Main.FirstOrDefault(defense => defense.Family == "adv. training") is { } hardened) Add(hardened, "CW-PGD", climb, hardened.Model);
            Add(widest, "CW-PGD", climb, widest.Model);
            Add(widest, "CW-PGD, EOT", climb, new Eot(widest.Model, size.EotDraws));
            Add(widest, "CW-PGD, all paths", climb, widest.Exact!);
            Add(widest, "ARC, all paths", epsilon => new Arc(epsilon) { Steps = size.Steps }, widest.Exact!);
            Add(widest, "CW-PGD, transfer", climb, own);
        }
        return cells;
    }

    private static Dictionary<string, IReadOnlyList<HrsSearch>> Searches(HrsSizes size, HrsMeasurement measure, HrsResults results) =>
        results.Main.ToDictionary(
        defense => defense.Name,
        defense => (IReadOnlyList<HrsSearch>)
        [
            .. size.Search.Margins.Select(margin => measure.Search(defense, defense.Model.IsRandom ? "one draw" : "the network", defense.Model, margin)),
            .. defense.Exact is { } exact ? size.Search.Margins.Select(margin => measure.Search(defense, HrsAttack.Exact, exact, margin)) : [],
        ]);

    private static HrsBlockCount[] Blocks(HrsSizes size, HrsMeasurement measure, HrsNetworks networks, HrsResults results, HrsDefense own)
    {
        var attacks = HrsAttack.Plain(size).Concat(HrsAttack.Adaptive(size, own.Exact!)).Where(attack => attack.Name == "CW-PGD").ToArray();
        HrsDefense Of(int blocks) => blocks == 1 ? own : new($"{blocks} blocks of {size.BlockChannels}", "blocks", blocks,
            blocks == 2 ? networks.First(results.Widest.Paths!, size.BlockChannels) : networks.Switching(blocks, size.BlockChannels));
        return
        [
            .. size.Blocks.Select(Of).Select(defense =>
            {
                SuccessRates Reached(string setting, int strength) =>
                    measure.Targeted(defense, attacks.Single(attack => attack.Setting == setting), strength);
                return new HrsBlockCount((int)defense.Strength, defense.Paths!.Paths.Count, measure.Accuracy(defense),
                    results.Strengths.ToDictionary(strength => strength, strength => Reached(HrsAttack.Published, strength)),
                    Reached(HrsAttack.Repaired, results.Headline), Reached(HrsAttack.Exact, results.Headline));
            }),
        ];
    }
}
