using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Attacks that use logits only: near the exact optimum of a linear model, without any gradient, and on images.</summary>
public sealed class ScoreBasedTests
{
    public static TheoryData<string, string> Cases() => new()
    {
        { "Nes", "L2" }, { "Nes", "Linf" }, { "Spsa", "L2" }, { "Spsa", "Linf" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Comes_near_the_exact_optimum_of_a_linear_model(string name, string normName)
    {
        using var network = new LinearModel(classes: 2);
        var (x, labels) = network.Data(8);
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        using var result = ByName(name, Norms.ByName(normName)).Run(network.Classifier(), x, labels);
        var w = network.Weight.detach().select(0, 1) - network.Weight.detach().select(0, 0);
        var dual = normName == "L2" ? w.norm() : w.abs().sum();
        var goal = Goal.Avoid(labels);
        var gain = goal.Margin(network.Classifier().Logits(result.Adversarial)) - goal.Margin(network.Classifier().Logits(x));
        (gain / (0.05 * dual)).min().ToDouble().Should()
            .BeInRange(name == "Spsa" ? 0.85 : 0.97, 1.0001, "Adam moves all elements equally, which is not the best direction in L2");
        result.Queries.Backward.Should().Be(0);
    }

    [Fact]
    public void Square_finds_every_example_that_a_corner_of_the_ball_breaks() => ScoreSearch.FindsExactlyWhatACornerBreaks(
        8, epsilon => new Square(epsilon) { Candidates = 400, Seed = 1 }, mostQueries: 400 + 3);

    [Theory]
    [InlineData("L2", 0.5)]
    [InlineData("Linf", 0.06)]
    public void Square_breaks_images_of_planes(string normName, double epsilon) =>
        ScoreSearch.BreaksImagesOfPlanes(new Square(epsilon) { Norm = Norms.ByName(normName), Candidates = 300, Seed = 1 });

    [Fact]
    public void Square_on_a_random_model_counts_only_what_most_draws_confirm()
    {
        using var noise = new GaussianNoise(0.05);
        using var linear = new LinearModel();
        using var network = nn.Sequential(("noise", noise), ("linear", linear));
        network.eval();
        var (x, labels) = linear.Data(32);
        using var _ = x;
        using var __ = labels;
        var model = new Classifier(network, Bounds.Unit);
        using var result = new Square(0.2) { Candidates = 200, Seed = 1, DecisionDraws = 21 }.Run(model, x, labels);
        using var scope = NewDisposeScope();
        var rate = Enumerable.Range(0, 200).Select(_ => Goal.Avoid(labels).IsMet(model.Logits(result.Adversarial)).to_type(ScalarType.Float32))
            .Aggregate((a, b) => a + b) / 200;
        rate.masked_select(result.Met).min().ToDouble().Should().BeGreaterThan(0.3);
        result.Met.sum().ToInt64().Should().BeGreaterThan(5);
    }

    private static Attack ByName(string name, Norm norm) => name switch
    {
        "Nes" => new Nes(0.05) { Norm = norm, Seed = 1, Steps = 40, Samples = 150 },
        _ => new Spsa(0.05) { Norm = norm, Seed = 1, Steps = 60, Samples = 100, LearningRate = 0.005 },
    };
}
