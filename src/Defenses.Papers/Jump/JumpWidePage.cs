using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>The wide networks of the paper on the page: tables 1, 2 and 4.</summary>
internal sealed class JumpWidePage(IReadOnlyList<JumpNetwork> networks)
{
    /// <summary>A section for each network; where the preset leaves them out, one that says which has them.</summary>
    internal IEnumerable<PageSection> Sections() => networks.Count > 0 ? networks.Select(Section) :
    [
        new PageSection("WideResNet and MobileNetV2: tables 1, 2 and 4")
        {
            Text = ["This preset leaves out the paper's wide networks, to end within minutes. The preset 'long' has small ones, the preset 'paper' those of "
                + "the paper."],
        },
    ];

    private static PageSection Section(JumpNetwork network)
    {
        var paper = new JumpPaper(network.Sizes, network.Task);
        var tables = new JumpTables(network, paper);
        return new PageSection($"{network.Task.NetworkName}: tables 1, 2 and 4")
        {
            Text = [.. Text(network)],
            Tables =
            [
                tables.White(isRobust: false, "Tables 2 and 4: plain training, then JumpReLU"),
                tables.White(isRobust: true, "Tables 2 and 4: robust training, then JumpReLU"),
                .. tables.Gray("Table 1, gray box: the plain network", "Table 1, gray box: the robust-trained network"), paper.SettingsTable(),
            ],
        };
    }

    private static IEnumerable<string> Text(JumpNetwork network)
    {
        if (network.Task.Shape.Any(each => each.Ours != each.Paper))
            yield return $"A small network on few images, because this one was trained on a CPU: {string.Join(", ", network.Task.Shape.Select(each =>
                FormattableString.Invariant($"{each.What} {each.Ours} where the paper has {each.Paper}")))}. The preset 'paper' has it whole.";
        yield return $"Accuracy without an attack on {network.Accuracy[0].Rate.Trials} images, under attacks on {network.Sizes.Attacked.Paper}. Trained "
            + "without the random crops and flips of the paper's code. The attacks that know of the jump are run on the first network only.";
        if (TrainedWell.Fails(network.Accuracy[0].Rate))
            yield return $"The plain network has not learnt its task ({network.Accuracy[0].Rate}): nothing follows from its numbers.";
        yield return "Table 1 of the paper prints 0.0 % under PGD for plain rectifiers; beside ours stands the number of its table 2.";
    }
}
