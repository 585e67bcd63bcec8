using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>The page of attacks against their envelope.</summary>
/// <param name="results">What was measured.</param>
/// <param name="data">The name of the images.</param>
public sealed class OptimalityPage(OptimalityResults results, string data)
{
    /// <summary>The source of the method.</summary>
    public const string Paper = "Cinà et al. 2024, AttackBench: Evaluating Gradient-based Attacks for Adversarial Examples";

    /// <summary>How the models came about.</summary>
    public IReadOnlyList<PageEntry> Method { get; init; } = [];

    /// <summary>Findings about the models.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>The page.</summary>
    public Page Make() => new()
    {
        Eyebrow = $"The smallest changes, attack by attack: {data}",
        Title = results.IsUntrained ? "The models have not learnt their task: nothing follows" : "Nearest to the envelope: "
            + string.Join(", ", results.Norms.Select(norm => $"{norm.Best.Attack} in {Symbol(norm.Name)}{Score(norm.Best.Global)}")),
        Lead =
        [
            "The envelope is the smallest change of each image that any attack found. Local optimality of an attack on a model is 1 on the envelope and 0 "
                + "without any success; global optimality is the mean over the models.",
            "Both are relative: another attack may lower the envelope, and with it every number here. A change found is an upper bound of the smallest one.",
        ],
        Findings = [.. Findings, .. new OptimalityFindings(results).All()],
        Terms =
        [
            new("envelope", "The smallest change of each image that any attack found."),
            new("local optimality", "(A₀ − A)/(A₀ − A*) on one model, where A is the integral of the attack's curve of robust accuracy over ε, up to the "
                + "largest change of the envelope; A* is that of the envelope, A₀ that of an attack without success."),
            new("global optimality", "The mean of the local optimality over models."),
            new("L0", "How many input values change."), new("L1", "The sum of the changes of all input values."),
        ],
        Sections = [new("At a glance") { Tables = [Glance()] }, .. results.Norms.Select(Section)],
        Method =
        [
            .. Method, new("Effort", results.Effort.Describe()),
            new("Broken", "the network errs at the image that the attack returns" + (IsAnyRandom ? "; a random one in a majority of the judge's fresh draws, "
                + "which no attack saw: a change is lengthened, up to twice, until it does" : "")),
            new("Passes", "forward and backward passes of an image, the mean over images and models, errors without an attack included"),
            new("Differs from AttackBench", "integrals are exact; images that no attack broke count with the largest change; the image that an "
                + "attack returns counts, not every image that it asks about; attacks have their own budgets of passes"),
            new("Intervals", "95 %; of optimality by resampling the images"),
        ],
    };

    private static PageCell None => PageCell.Of("–");

    private bool IsAnyRandom => results.Models.Any(model => model.IsRandom);

    /// <summary>L₀ to L∞.</summary>
    internal static string Symbol(string norm) => norm == "Linf" ? "L∞" : norm;

    private static string Score(double? optimality) => optimality is { } value ? FormattableString.Invariant($" ({value:0.00})") : "";

    private PageTable Glance()
    {
        var hasReferences = results.Norms.Any(norm => norm.HasReferences);
        return new PageTable("The nearest attack of each norm", "norm",
            ["attack", "global optimality", "images on which others are nearer", "passes of an image",
                .. hasReferences ? ["all attacks here"] : Array.Empty<string>()],
        [
            .. results.Norms.Select(norm => new PageRow(Symbol(norm.Name),
            [
                PageCell.Of(norm.Best.Attack), Decimals(norm.Best.Global), Share(norm.Missed(norm.Best)), Whole(norm.Best.Passes),
                .. hasReferences ? [norm.HasReferences ? Decimals(norm.Ours.Global) : None] : Array.Empty<PageCell>(),
            ])),
        ])
        {
            Note = $"Images on which others are nearer: the attack's change is more than {100 * NormOptimality.Far:0} % above the envelope, of all models' "
                + "images that any attack broke." + (hasReferences
                    ? " All attacks here: their optimality together, against an envelope with what others found." : ""),
        };
    }

    private static PageCell Share((int Count, int Of) images) =>
        images.Of == 0 ? None : PageCell.Of(new Statistics.Proportion(images.Count, images.Of), digits: 0);

    private PageSection Section(NormOptimality norm) => new($"{Symbol(norm.Name)}: {norm.Best.Attack}{Score(norm.Best.Global)}")
    {
        Tables = [Table(norm)],
        Figures = [OptimalityFigures.OverPasses(norm), .. results.Models.Select(model => OptimalityFigures.Robustness(norm, model))],
        Details =
        [
            new($"{Symbol(norm.Name)}: how large the changes are, and for how many images there is one") { Tables = [Sizes(norm)] },
            new($"{Symbol(norm.Name)}: image by image") { Tables = [Images(norm)] },
        ],
    };

    private PageTable Table(NormOptimality norm)
    {
        OptimalityRow[] rows = [.. norm.HasReferences ? [norm.Ours] : Array.Empty<OptimalityRow>(), .. norm.Strongest];
        return new PageTable($"Optimality in {Symbol(norm.Name)}", "attack",
            ["global", .. results.Models.Select(model => model.Name), "at the envelope", "passes of an image"],
        [
            .. rows.Select(row => new PageRow(row.Attack,
            [
                Decimals(row.Global), .. row.Local.Select(local => PageCell.Of(local, unit: NumberUnit.Decimals, digits: 3)),
                Share(row.Nearest), Whole(row.Passes),
            ])),
        ])
        {
            Groups = [null, .. results.Models.Select(_ => "local optimality"), null, null],
            Note = "At the envelope: images on which the attack's change is at most a hundredth above the smallest, of those that any attack broke.",
        };
    }

    private PageTable Sizes(NormOptimality norm) => new($"The median change in {Symbol(norm.Name)}, and images broken", "attack",
        [.. results.Models.SelectMany(model => new[] { $"{model.Name}: median", "broken" })],
    [
        new("the envelope", [.. results.Models.SelectMany(model => Cells(norm.Envelopes[model.Name]))]),
        .. norm.Strongest.Select(row => new PageRow(row.Attack,
            [.. results.Models.SelectMany(model => row.Changes.TryGetValue(model.Name, out var found) ? Cells(found.Sizes) : [None, None])])),
    ])
    {
        Note = "Over all images: 0 where the model errs without an attack, ∞ where nothing was found.",
    };

    private PageTable Images(NormOptimality norm) => new($"The smallest change of each image in {Symbol(norm.Name)}, and the first attack that has it", "image",
        [.. results.Models.Select(model => model.Name)],
    [
        .. Enumerable.Range(0, results.Effort.Images).Select(image =>
            new PageRow($"{image}", [.. results.Models.Select(model => Smallest(norm, model, image))])),
    ]);

    private static PageCell Smallest(NormOptimality norm, MeasuredModel model, int image)
    {
        var size = norm.Envelopes[model.Name][image];
        if (size == 0) return PageCell.Of("errs without an attack");
        if (!double.IsFinite(size)) return PageCell.Of("not broken");
        return new() { Value = size, Text = norm.Strongest.Select(row => row.Changes.GetValueOrDefault(model.Name)).Concat(norm.Of(model.Name))
            .First(found => found is not null && found.Sizes[image] == size)!.Attack };
    }

    private static PageCell[] Cells(IReadOnlyList<double> sizes) =>
        [PageCell.Of(Median(sizes)), PageCell.Of(new Statistics.Proportion(sizes.Count(double.IsFinite), sizes.Count), digits: 0)];

    /// <summary>The middle one, or of two the mean.</summary>
    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static PageCell Decimals(double? value) => PageCell.Of(value, unit: NumberUnit.Decimals, digits: 3);

    private static PageCell Whole(double? value) => PageCell.Of(value, unit: NumberUnit.Decimals, digits: 0);
}
