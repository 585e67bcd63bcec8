using Defenses.Attacks;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Points that other attacks found are not lost: an attack that may start at them keeps their successes.</summary>
public sealed class KnownStartTests
{
    public static TheoryData<string> Searches => [.. s_searches.Keys];

    // What finds the points, and the search for a single candidate that begins there.
    private static readonly Dictionary<string, (BudgetAttack Finds, BudgetAttack Search)> s_searches = new()
    {
        ["Square in L∞"] = (new Apgd(0.05), new Square(0.05) { Candidates = 1 }),
        ["Square in L2"] = (new Apgd(0.3) { Norm = Norm.L2 }, new Square(0.3) { Norm = Norm.L2, Candidates = 1 }),
        ["Square in L1"] = (new Apgd(0.8) { Norm = Norm.L1 }, new Square(0.8) { Norm = Norm.L1, Candidates = 1 }),
        ["sparse random search"] = (new PgdL0(4), new SparseRandomSearch(4) { Candidates = 1 }),
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public void A_search_begins_at_known_points_where_they_are_better(string name)
    {
        using var scope = NewDisposeScope();
        using var network = new LinearModel(inputs: 40, classes: 2);
        var (x, labels) = network.Data(40);
        var (finds, search) = s_searches[name];
        using var found = (finds with { Seed = 1 }).Run(network.Classifier(), x, labels);
        using var random = new RandomSource(1);
        var run = new AttackRun(network.Classifier(), x, Goal.Avoid(labels), random, 1, null, default);
        var known = Met(search.Perturb(run.From(found.Adversarial)));
        var alone = Met(search.Perturb(run));
        (known & found.Met).sum().ToInt64().Should().Be(found.Met.sum().ToInt64(), "a known success is kept");
        found.Met.sum().ToInt64().Should().BeGreaterThan(alone.sum().ToInt64(), "one candidate finds fewer by itself");

        Tensor Met(Tensor points) => network.call(points).argmax(1).ne(labels);
    }
}
