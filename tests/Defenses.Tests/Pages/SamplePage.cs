using Defenses.Pages;
using Defenses.Statistics;

namespace Defenses.Tests.Pages;

/// <summary>A page with one of everything.</summary>
internal static class SamplePage
{
    internal static Page Make(string name = "dropout 0.3") => new()
    {
        Eyebrow = $"Protocol {name}",
        Title = $"{name} holds less than the paper says",
        Lead = [$"A sentence about {name}.", "Another."],
        Tiles = [new("Images", "1 000", name)],
        Opening = new PageSection("First of all")
        {
            Method = [new("Verdict", $"because of {name}") { Badge = new("invalid numbers", Severity.Invalid) },
                new("Another", "") { Badge = new("trustworthy numbers") }],
        },
        Terms = [new("colander", $"a thing with holes, such as {name}.")],
        Confidence = 0.99,
        Findings = [new Finding(Severity.Warning, $"About {name}", "A reason.", "An action.")],
        Sections =
        [
            new PageSection($"Accuracy of {name}")
            {
                Text = [$"Words about {name}."],
                Tables =
                [
                    new PageTable("Table A2", "Defense", ["accuracy", "deviation", "in words"],
                    [
                        new(name, [PageCell.Of(new Proportion(987, 1000), 0.9904, digits: 2), PageCell.Of(0.0343, 0.1143),
                            PageCell.Of("none")]) { Why = "Fewer epochs.", Description = "a row" },
                        new("nothing", [PageCell.Of((Proportion?)null), PageCell.Of(new Estimate(0.031, 0.01, 0.052), null, NumberUnit.Points),
                            PageCell.Of((double?)null, 0.5)]),
                    ]) { Note = $"How to read {name}." },
                ],
                Figures =
                [
                    new CurveFigure("Success over ε", new FigureAxis("ε"), FigureAxis.Rate("success"),
                    [
                        new($"{name}, ours", [FigurePoint.At(0.1, new Proportion(2, 10)), FigurePoint.At(0.2, new Proportion(7, 10))]),
                        new("paper", [new(0.1, 0.3), new(0.2, 0.6)]) { IsReference = true, Color = 0 },
                    ]) { Note = $"A note about {name}." },
                    CurveFigure.Roc("ROC", [new("entropy", [new(0, 0), new(0.1, 0.8), new(1, 1)])]),
                    new ScatterFigure("Gain over cost", new FigureAxis("Δt", NumberUnit.Points), new FigureAxis("Δd", NumberUnit.Points),
                    [
                        new("HRS", [new(0.01, 0.4) { XRange = new(0, 0.02), YRange = new(0.3, 0.5), Label = "HRS 5×5" },
                            new(0.02, 0.5)]) { Fit = [new(0, 0.3), new(0.02, 0.5)] },
                        new("nobody", []),
                    ]),
                    new HeatMapFigure("Crafted on × tested on", [name, "b"], ["c", "d"], [[0.25, null], [1.0, 0.5]]) { RowTitle = "crafted on",
                        ColumnTitle = "tested on" },
                ],
                Method = [new("Images", "1 000")],
            },
            new PageSection("Two")
            {
                Tables = [Tinted(name)],
                Figures =
                [
                    new CurveFigure($"Alone: {name}", new("ε") { Low = 0, High = 64, Ticks = [0, 16, 64] }, FigureAxis.Rate("accuracy"),
                        [new("before", [new(0, 1), new(64, 0.1)]) { IsReference = true, Color = 0 },
                            new("after", [new(0, 0.9), new(64, 0.3)]) { Color = 9 }]) { IsSmall = true },
                    new ScatterFigure("Equal scores", new("Δt", NumberUnit.Points), new("Δd", NumberUnit.Points), [new("HRS", [new(0.02, 0.4)])])
                    {
                        HasZeroLines = true, Lines = [new("level", 0, 0.1), new("score 1", 1, 0.002), new("score 30", 30, 0.06), new("down", -10, 0.2)],
                    },
                ],
                Images =
                [
                    new($"Of {name}", [new("grey", 1, 1, 2, [0, 255]), new("red", 3, 1, 1, [255, 0, 0]) { Description = "a red pixel" }], "What to see.",
                        "And a note."),
                ],
            },
            new PageSection("Three")
            {
                Details = [new PageSection("Folded") { Text = ["Inside."], Tables = [Tinted(name)], Details = [new("Deeper") { Text = ["Below."] }] }],
            },
            new PageSection("Four"),
        ],
        Method = [new("Attack", $"PGD on {name}", "small steps")],
    };

    private static PageTable Tinted(string name) => new("By attack", "Defense", ["worst", "plain", "EOT 10", "p"],
    [
        new(name, [PageCell.Of(new Proportion(2, 10)) with { HasBar = true }, PageCell.Of(0.25, unit: NumberUnit.Percent) with { Text = "as plain" },
            PageCell.Of(1.0, unit: NumberUnit.Percent), PageCell.Of("0.031")])
            { Color = 9, Badge = new("suspicious numbers", Severity.Warning) },
    ]) { IsTinted = true, Groups = [null, "PGD", "PGD", null], ColumnNotes = ["for each image", "", "", "McNemar"] };
}
