using Defenses.Tests.Conventions;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

/// <summary>The program on docs/your-data.md is the one that is compiled here, and it runs.</summary>
public sealed class YourDataTests : IDisposable
{
    private const string Indent = "        ";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_program_on_the_page_is_the_one_that_is_compiled()
    {
        var source = Repository.Read("tests/Defenses.Tests/Zoo/YourDataExample.cs").Split('\n');
        var body = source.SkipWhile(line => !line.Contains("void Run(", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line != "    }")
            .Select(line => line.StartsWith(Indent, StringComparison.Ordinal) ? line[Indent.Length..] : line);
        var program = string.Join('\n', source.TakeWhile(line => line.StartsWith("using ", StringComparison.Ordinal)).Append("").Concat(body));
        Repository.Read("docs/your-data.md").Should().Contain($"```csharp\n{program}\n```");
    }

    [Fact]
    public void The_program_runs()
    {
        foreach (var name in new[] { "ant", "bee", "cat" })
            _folder.Write($"data/{name}/1.png", PngBytes.Of(30, 40, (y, x) => ((y * name[0]) + x) % 256));
        using (var network = nn.Sequential(("fc", nn.Linear(28 * 28, 3))))
        {
            network.SaveWeights(_folder.At("weights.safetensors"), name => $"module.{name}");
        }

        Directory.CreateDirectory(_folder.At("out"));
        YourDataExample.Run([_folder.At("data"), _folder.At("weights.safetensors"), _folder.At("out")]);
        _folder.Files.Where(path => path.StartsWith("out", StringComparison.Ordinal)).Should().HaveCount(5)
            .And.Contain(["out/pgd.safetensors", "out/pictures/pictures.csv"]);
    }
}
