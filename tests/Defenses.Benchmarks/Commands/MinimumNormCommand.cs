using System.CommandLine;
using System.Text.Json;
using Defenses.Attacks;
using Defenses.Benchmarks.Measuring;
using Defenses.Benchmarks.MinimumNorm;
using Defenses.Models;
using Defenses.Papers;
using Defenses.Zoo;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Commands;

/// <summary>The smallest changes that our attacks find on three MNIST networks, beside those of other libraries. Resumable: a file for each attack.</summary>
internal static class MinimumNormCommand
{
    private const string Page = "minimum-norm";
    private static readonly (string Name, string Weights)[] s_networks =
    [
        ("mnist-cnn", "mnist-cnn.safetensors"), ("mnist-trades", "public/mnist-trades.safetensors"), ("mnist-ddn", "public/mnist-ddn.safetensors"),
    ];

    public static Command Create()
    {
        var folder = new Option<string>("--folder") { Description = "Where finished attacks are kept.", DefaultValueFactory = _ => "runs/minimum-norm" };
        var steps = new Option<int>("--steps") { Description = "Steps of an attack.", DefaultValueFactory = _ => 1000 };
        var seed = new Option<ulong>("--seed") { Description = "The seed of the attacks.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>("--threads") { Description = "Threads for torch.", DefaultValueFactory = _ => 1 };
        var filter = new Option<string>("--filter") { Description = "Only attacks whose network/norm/name contains this text.", DefaultValueFactory = _ => "" };
        var reference = new Option<string?>("--reference") { Description = "The folder of minimum-norm.json and of the weights; looked for in ../shared." };
        var page = new Option<string?>("--out") { Description = "A Markdown page to put the table into, such as docs/results.md." };
        var command = new Command(Page, "The smallest changes per image in each norm, beside those that other libraries found on the same networks.")
        {
            folder, steps, seed, threads, filter, reference, page,
        };
        command.SetAction(parsed =>
        {
            torch.set_num_threads(parsed.GetValue(threads));
            var run = new Run(
                parsed.GetValue(folder)!, parsed.GetValue(steps), parsed.GetValue(seed), parsed.GetValue(filter)!, Reference(parsed.GetValue(reference)));
            Tell(run.Tables().ToList(), parsed.GetValue(page), run);
            return 0;
        });
        return command;
    }

    private static string Reference(string? given) => given ?? Subject.Above("shared/reference").FirstOrDefault(Directory.Exists)
        ?? throw new DirectoryNotFoundException("There is no ../shared/reference; name the folder of minimum-norm.json with --reference.");

    private static void Tell(IReadOnlyList<SmallestTable> tables, string? page, Run run)
    {
        var rows = tables.SelectMany(table => table.Rows()).ToList();
        string[] lines =
        [
            "### The smallest changes", "", Machine.Describe(), "",
            $"`{Page} --steps {run.Steps} --seed {run.Seed}`, MNIST test images 0 to 49.", "",
            Line(SmallestTable.Headings), Line(SmallestTable.Headings.Select((_, column) => column < 3 ? "---" : "---:")), .. rows.Select(Line), "",
        ];
        var text = string.Join('\n', lines);
        Console.WriteLine(text);
        if (page is not null) ResultsPage.Put(page, Page, text);
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";

    /// <summary>What was asked for on the command line, and the work.</summary>
    private sealed record Run(string Folder, int Steps, ulong Seed, string Filter, string Reference)
    {
        /// <summary>A table for each network and norm with at least one attack.</summary>
        public IEnumerable<SmallestTable> Tables()
        {
            using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Reference, "minimum-norm.json")));
            var best = json.RootElement.GetProperty("best");
            using var subject = Subject.Load(null);
            foreach (var (name, weights) in s_networks)
            {
                foreach (var (normName, norm) in SmallestAttacks.Norms)
                {
                    if (!best.TryGetProperty($"{name}/{normName.ToLowerInvariant()}", out var others)) continue;
                    var known = others.EnumerateArray().Select(size => size.GetDouble()).ToArray();
                    var found = Attacks(subject, name, weights, normName, norm, known.Length).ToList();
                    if (found.Count > 0) yield return new SmallestTable(name, normName, found, known);
                }
            }
        }

        private IEnumerable<(string, SmallestChanges)> Attacks(Subject subject, string network, string weights, string normName, Norm norm, int images)
        {
            foreach (var (name, attack) in SmallestAttacks.For(norm, Steps))
            {
                if (!$"{network}/{normName}/{name}".Contains(Filter, StringComparison.OrdinalIgnoreCase)) continue;
                Directory.CreateDirectory(Folder);
                var file = Path.Combine(Folder, $"{network} {normName} {name} {Steps} {Seed}.json");
                yield return (name, Measure(subject, Path.Combine(Reference, weights), file, attack with { Seed = Seed }, images));
            }
        }

        private static SmallestChanges Measure(Subject subject, string weights, string file, Attack attack, int images)
        {
            using var network = Networks.HrsMnist(seed: 1, dropout: 0);
            network.LoadWeights(weights);
            network.eval();
            var (x, labels) = subject.Take(images);
            using var _ = x;
            using var __ = labels;
            return SmallestChanges.ReadOrRun(file, attack, new Classifier(network, Bounds.Unit), x, labels);
        }
    }
}
