using Defenses.Pages;

namespace Defenses.Papers;

/// <summary>Tables 1, 2 and 4 of one network, with the paper's numbers.</summary>
internal sealed class JumpTables(JumpNetwork network, JumpPaper paper)
{
    /// <summary>Tables 2 and 4.</summary>
    internal PageTable White(bool isRobust, string title)
    {
        string[] attacks = [.. network.Attacked.Select(row => row.Attack).Distinct()];
        string[] columns = ["no attack", .. attacks.SelectMany(attack => new[] { attack, $"ρ {attack}" })];
        var rows = network.Accuracy.Where(model => model.IsRobust == isRobust).Select(model => new PageRow(model.Model,
        [
            PageCell.Of(model.Rate, paper.Clean(model.Model, isRobust), digits: 2),
            .. attacks.Select(attack => Attacked(model.Model, attack)).SelectMany(row => new[]
            {
                PageCell.Of(row.Accuracy, paper.Accuracy(row.Model, isRobust, row.Attack)),
                PageCell.Of(row.Change, paper.Change(row.Model, isRobust, row.Attack), NumberUnit.Percent),
            }),
        ]) { Why = paper.Smaller });
        return new PageTable(title, "activation", columns, [.. rows]);
    }

    /// <summary>Table 1 of the plain and of the robust network.</summary>
    internal IEnumerable<PageTable> Gray(string plain, string robust) =>
        network.Gray.GroupBy(row => row.IsRobust).Select(group => Gray([.. group], group.Key, group.Key ? robust : plain));

    private PageTable Gray(GrayRow[] rows, bool isRobust, string title)
    {
        var source = network.Accuracy.First(model => model.IsRobust == isRobust).Model;
        return new PageTable(title, "activation", [.. rows.Select(row => row.Attack)],
        [
            new PageRow($"{source}, on which they were made",
                [.. rows.Select(row => PageCell.Of(Attacked(source, row.Attack).Accuracy, paper.Accuracy(source, isRobust, row.Attack)))])
            {
                Why = paper.Smaller,
            },
            .. rows[0].Models.Select((model, number) => new PageRow(model,
                [.. rows.Select(row => PageCell.Of(row.Accuracy(number), paper.Gray(model, isRobust, row.Attack)))]) { Why = paper.Smaller }),
        ]);
    }

    private AttackedModel Attacked(string model, string attack) => network.Attacked.Single(row => row.Model == model && row.Attack == attack);
}
