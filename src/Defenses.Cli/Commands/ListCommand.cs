using System.CommandLine;
using Defenses.Papers;
using Spectre.Console;

namespace Defenses.Cli;

/// <summary><c>list</c>: everything that can be named on the command line.</summary>
internal static class ListCommand
{
    internal static Command Create()
    {
        var command = new Command("list", "Everything that options can name: defenses, attacks, networks, ways to train, data sets, protocols, presets.");
        command.SetAction(_ => Show());
        return command;
    }

    private static void Show()
    {
        Print("Defenses (run --defense)", DefenseRecipe.All.Select(recipe => (recipe.Name, recipe.Description)));
        Print("Attacks (run, attack, evaluate, detect --attack)", NamedAttack.All.Select(attack => (attack.Name, attack.Description)));
        Print("Networks (--network, for weights and train)", ZooNetwork.All.Select(network => (network.Name, network.Description)));
        Print("Ways to train (train --method)",
            [.. TrainingMethod.All.Select(method => (method.Name, method.Description)),
                (TrainingMethod.Switching, "hierarchical random switching, channel by channel (Wang et al. 2019): --channels, --together")]);
        Print("Data sets (--dataset, --data)",
        [
            ("mnist", "handwritten digits, 28×28, grey"), ("fashion-mnist", "clothes, 28×28, grey"), ("cifar10", "photographs, 32×32, colour"),
            ("synthetic", "digits drawn by the program, 28×28, grey; need no files"),
        ]);
        Print("Protocols (run --protocol)", ProtocolRun.All.Select(protocol => (protocol.Name, $"{protocol.Paper}. {protocol.Reproduces}.")));
        Print("Presets (run --preset)",
        [
            ("smoke", "seconds: whether everything runs"), ("quick", "minutes: few images, wide intervals"),
            ("long", "up to two hours on two cores, a data set: most claims are decided"), ("paper", "the full protocol: days on a CPU"),
        ]);
    }

    private static void Print(string title, IEnumerable<(string Name, string Description)> rows)
    {
        var table = new Table().RoundedBorder().Title(Markup.Escape(title)).AddColumn("name").AddColumn("what it is");
        foreach (var (name, description) in rows) table.AddRow(Markup.Escape(name), Markup.Escape(description));
        AnsiConsole.Write(table);
    }
}
