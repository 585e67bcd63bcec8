using System.Globalization;
using Defenses.Attacks;
using Defenses.Statistics;
using Spectre.Console;

namespace Defenses.Benchmarks.Measuring;

/// <summary>A file with a line for each attacked image: attack, image, whether it was fooled, forward and backward passes, options.</summary>
internal sealed class EnsembleRecords(string path)
{
    private readonly List<(string Name, int Image, bool Met, long Forward, long Backward, string Options)> _lines = Read(path);

    /// <summary>How many of the first images an attack with these options has done.</summary>
    public int Done(string name, Attack attack) => _lines.Count(line => line.Name == name && line.Options == attack.ToString());

    public void Add(string name, Attack attack, int first, AttackResult result)
    {
        var met = result.Met.data<bool>().ToArray();
        var lines = met.Select((fooled, row) =>
            (name, first + row, fooled, result.QueriesPerExample[row].Forward, result.QueriesPerExample[row].Backward, attack.ToString())).ToList();
        File.AppendAllLines(path, lines.Select(line => string.Create(CultureInfo.InvariantCulture,
            $"{line.name}\t{line.Item2}\t{line.fooled}\t{line.Forward}\t{line.Backward}\t{line.Item6}")));
        _lines.AddRange(lines);
    }

    /// <summary>A table of the attacks on the images that all of those with a line have done.</summary>
    public void Print(IReadOnlyDictionary<string, Attack> attacks, int images)
    {
        var rows = attacks.Select(pair => _lines.Where(line => line.Name == pair.Key && line.Options == pair.Value.ToString()).ToList())
            .Where(lines => lines.Count > 0).ToList();
        var common = Math.Min(images, rows.Min(lines => lines.Count));
        Console.WriteLine($"| attack | left of {common} | forward passes an image | backward |\n| --- | ---: | ---: | ---: |");
        foreach (var lines in rows.Select(lines => lines.Where(line => line.Image < common).ToList()))
        {
            var left = lines.Count(line => !line.Met);
            var interval = BinomialInterval.ClopperPearson(left, common);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {lines[0].Name} | {left} ({100.0 * left / common:F1} % [{100 * interval.Lower:F1}, {100 * interval.Upper:F1}]) | " +
                $"{lines.Average(line => line.Forward):F0} | {lines.Average(line => line.Backward):F0} |"));
        }
    }

    private static List<(string, int, bool, long, long, string)> Read(string path) => File.Exists(path)
        ? [.. File.ReadAllLines(path).Select(line => line.Split('\t')).Select(cells => (cells[0], int.Parse(cells[1], CultureInfo.InvariantCulture),
            bool.Parse(cells[2]), long.Parse(cells[3], CultureInfo.InvariantCulture), long.Parse(cells[4], CultureInfo.InvariantCulture), cells[5]))]
        : [];
}
