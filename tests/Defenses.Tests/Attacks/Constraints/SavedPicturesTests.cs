using System.Globalization;
using System.Reflection;
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Zoo;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>What an attack finds on the 8-bit lattice survives a PNG file: the same numbers, the same success, the same size.</summary>
public sealed class SavedPicturesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every attack with a budget that has a constructor from ε alone: a new one is in this list at once.</summary>
    public static TheoryData<string, string, int> Budgets()
    {
        var data = new TheoryData<string, string, int>();
        var attacks = typeof(Attack).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(BudgetAttack)) && !type.IsAbstract);
        foreach (var type in attacks)
        {
            var norms = ((BudgetAttack)Activator.CreateInstance(type, 1.0)!).Norm == Norm.L0 ? new[] { "L0" } : ["Linf", "L2"];
            foreach (var norm in norms) data.Add(type.Name, norm, norm == "L2" ? 3 : 1);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Budgets))]
    public void Every_success_of_an_attack_with_a_budget_survives(string name, string norm, int channels)
    {
        var epsilon = norm switch { "Linf" => 10.5 / 255, "L2" => 0.3, _ => 12 };   // between two levels, or elements
        var attack = Quick((BudgetAttack)Activator.CreateInstance(typeof(Attack).Assembly.GetType($"Defenses.Attacks.{name}")!, epsilon)!, norm);
        Survives(attack, channels, epsilon, mayFail: attack is Noise);
    }

    [Fact]
    public void Every_success_of_an_attack_without_a_budget_survives()
    {
        Survives(new DeepFool(), 1, null);
        Survives(new Fab { Norm = Norm.L2, Steps = 10 }, 3, null);
        Survives(new CarliniWagner { Steps = 60, SearchSteps = 3, InitialConstant = 1, LearningRate = 0.05 }, 1, null);
        Survives(new HopSkipJump { Steps = 3, FirstQueries = 30 }, 3, null);
    }

    [Fact]
    public void Without_the_lattice_some_successes_are_lost()
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Data(1);
        var model = new Classifier(network, Bounds.Unit);
        using var result = new DeepFool { Overshoot = 0.001 }.Run(model, x, labels);
        var saved = Constraint.EightBit.Round(result.Adversarial, Bounds.Unit);
        var lost = result.Met.logical_and(model.Logits(saved).argmax(1).eq(labels));
        lost.sum().ToInt64().Should().BeGreaterThan(0, "else the lattice would be of no use, and these tests would show nothing");
    }

    private void Survives(Attack attack, int channels, double? epsilon, bool mayFail = false)
    {
        using var scope = NewDisposeScope();
        var (network, x, labels) = Data(channels);
        var model = new Classifier(network, Bounds.Unit);
        using var result = attack.Run(model, x, labels, constraint: Constraint.EightBit);
        var met = result.Met.data<bool>().ToArray();
        if (!mayFail) met.Should().Contain(true, $"{attack} must find something to save");
        using var set = new AdversarialSet(x, result.Adversarial, labels, result.Met, result.Size);
        var options = new PictureOptions { Grey = channels == 1 };
        var loaded = new List<Tensor>();
        for (var i = 0; i < met.Length; i++)
        {
            var path = Path.Combine(_folder.Path, $"{channels}", string.Create(CultureInfo.InvariantCulture, $"{labels[i].ToInt64()}"), $"{i:D3}.png");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Pictures.WritePng(path, set.Adversarial[i]);
            loaded.Add(Pictures.Read(path, options));
        }

        var images = stack(loaded);
        images.equal(result.Adversarial).all().ToBoolean().Should().BeTrue("a file must give back the same numbers");
        if (epsilon is { } most) attack.Norm.Size(images - x).max().ToDouble().Should().BeLessThanOrEqualTo(most * (1 + 1e-5));
        var judged = new Judge(1).Measure(model, images, labels);
        judged.Met.Select(times => times == 1).Should().Equal(met, "every success on the lattice is one in the file");
        Folder(channels, options, images, labels);
    }

    // The same pictures by their folders.
    private void Folder(int channels, PictureOptions options, Tensor images, Tensor labels)
    {
        var folder = new ImageFolder(Path.Combine(_folder.Path, $"{channels}"), options);
        var order = folder.Files.Select(file => long.Parse(Path.GetFileNameWithoutExtension(file.Path), CultureInfo.InvariantCulture)).ToArray();
        var (read, classes) = folder.Batch([.. Enumerable.Range(0, order.Length).Select(i => (long)i)]);
        read.equal(images.index_select(0, tensor(order))).all().ToBoolean().Should().BeTrue();
        classes.data<long>().ToArray().Select(number => long.Parse(folder.ClassNames[(int)number], CultureInfo.InvariantCulture))
            .Should().Equal(labels.index_select(0, tensor(order)).data<long>().ToArray());
        Directory.Delete(Path.Combine(_folder.Path, $"{channels}"), recursive: true);
    }

    // Few steps, where the attack has such options; an attack with a norm of its own keeps it.
    private static BudgetAttack Quick(BudgetAttack attack, string norm)
    {
        foreach (var (name, value) in new (string, object)[]
            {
                ("Norm", norm switch { "L2" => Norm.L2, "L0" => Norm.L0, _ => Norm.Linf }), ("Steps", 10),
                ("Restarts", 1), ("Candidates", 150), ("Samples", 20), ("Draws", 2),
                ("Seed", 5UL),
            })
        {
            if (attack.GetType().GetProperty(name) is not { } option) continue;
            try
            {
                option.SetValue(attack, value);
            }
            catch (TargetInvocationException error) when (error.InnerException is ArgumentException && name == "Norm")
            {
                attack.Norm.Should().Be(Norm.Linf);
            }
        }

        return attack;
    }

    // Random pictures of 8 bits, and a random network that recognizes them.
    private static (nn.Module<Tensor, Tensor> Network, Tensor X, Tensor Labels) Data(int channels)
    {
        var network = nn.Sequential(
            ("conv", nn.Conv2d(channels, 6, 3)), ("relu", nn.ReLU()), ("flat", nn.Flatten()), ("linear", nn.Linear(6 * 36, 5)));
        using var random = new RandomSource(3);
        using (no_grad())
            foreach (var weight in network.parameters()) weight.copy_(random.Normal(weight) * 0.3);
        network.eval();
        var x = (random.Uniform(zeros(10, channels, 8, 8)) * 255).round() / 255;
        return (network, x, network.call(x).argmax(1));
    }
}
