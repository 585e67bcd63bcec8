using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class AttackerViewTests
{
    private static readonly Func<Classifier, long, ModelView> s_own = (model, _) => new Eot(model, 3);

    [Fact]
    public void Views_are_equal_by_name_and_recipe_and_parameters()
    {
        Func<AttackerView>[] recipes =
        [
            () => AttackerView.Plain, () => AttackerView.WithoutRandomness, () => AttackerView.FixedDraw,
            () => AttackerView.StraightThrough, () => AttackerView.SmoothedJumps,
            () => AttackerView.DifferentiatedProbabilities, () => AttackerView.AllPaths, () => AttackerView.Eot(1),
            () => AttackerView.Eot(5), () => AttackerView.Eot(6),
            () => AttackerView.Eot(5, EotAverage.Probabilities), () => AttackerView.FixedDraws(5), () => AttackerView.FixedDraws(6),
            () => AttackerView.StraightThrough.AveragedOver(5), () => AttackerView.Eot(5).AveragedOver(2), () => new("mine", s_own), () => new("other", s_own),
            () => new("mine", s_own) { Draws = 3 }, () => new("mine", s_own) { NeedsRandomness = true }, () => new("mine", s_own) { HasSurrogates = true },
            () => new("mine", (model, _) => model),
        ];
        for (var i = 0; i < recipes.Length; i++)
            for (var j = 0; j < recipes.Length; j++)
            {
                var (left, right) = (recipes[i](), recipes[j]());
                (left == right).Should().Be(i == j, $"{left} and {right}, {i} and {j}");
                (left != right).Should().Be(i != j);
                left.Equals((object)right).Should().Be(i == j);
                if (i == j) left.GetHashCode().Should().Be(right.GetHashCode());
            }
        AttackerView.Plain.AveragedOver(5).Should().Be(AttackerView.Eot(5));
        (AttackerView.Plain == null).Should().BeFalse();
        ((AttackerView?)null == null).Should().BeTrue();
    }

    [Fact]
    public void Names_are_those_of_reports()
    {
        AttackerView[] views =
        [
            AttackerView.Plain, AttackerView.WithoutRandomness, AttackerView.FixedDraw, AttackerView.StraightThrough, AttackerView.AllPaths,
            AttackerView.Eot(20), AttackerView.FixedDraws(20),
            AttackerView.Eot(20, EotAverage.Probabilities), AttackerView.StraightThrough.AveragedOver(20), AttackerView.SmoothedJumps.AveragedOver(20),
            AttackerView.DifferentiatedProbabilities.AveragedOver(20),
        ];
        views.Select(view => $"{view}").Should().Equal("plain", "no randomness", "fixed draw", "straight through", "all paths", "EOT 20", "20 fixed draws",
            "EOT 20 of probabilities", "straight through, EOT 20", "smoothed jumps, EOT 20", "differentiated probabilities, EOT 20");
    }

    [Fact]
    public void Draws_are_known_through_composition()
    {
        AttackerView.Plain.Draws.Should().Be(1);
        AttackerView.Eot(20).Draws.Should().Be(20);
        AttackerView.Eot(20, EotAverage.Probabilities).Draws.Should().Be(20);
        AttackerView.StraightThrough.AveragedOver(20).Draws.Should().Be(20);
        AttackerView.Eot(4).AveragedOver(5).Draws.Should().Be(20);
        AttackerView.FixedDraws(20).Draws.Should().Be(20);
        (new AttackerView("mine", s_own) { Draws = 3 }).AveragedOver(5).Draws.Should().Be(15);
        AttackerView.AllPaths.AveragedOver(5).Draws.Should().Be(int.MaxValue, "there are no more than all");
    }

    [Fact]
    public void A_view_is_the_plain_one_where_it_finds_nothing_to_work_on()
    {
        using var plain = Network(nn.Identity());
        using var jump = Network(new JumpReLU(0.2));
        using var noise = Network(new GaussianNoise(0.1));
        using var both = nn.Sequential(("noise", new GaussianNoise(0.1)), ("jump", new JumpReLU(0.2)), ("linear", new LinearModel()));
        both.eval();
        Classifier[] models = [.. new[] { plain, jump, noise, both }.Select(network => new Classifier(network, Bounds.Unit))];
        Plain(AttackerView.Plain).Should().Equal(true, true, true, true);
        Plain(AttackerView.Eot(5)).Should().Equal(true, true, false, false);
        Plain(AttackerView.FixedDraw).Should().Equal(true, true, false, false);
        Plain(AttackerView.AllPaths).Should().Equal(true, true, true, true);
        Plain(AttackerView.StraightThrough).Should().Equal(true, false, !noise.HasSurrogates(), false);
        Plain(AttackerView.StraightThrough.AveragedOver(5)).Should().Equal(true, false, false, false);
        Plain(new("mine", s_own)).Should().Equal(false, false, false, false);
        Plain(new("mine", s_own) { NeedsRandomness = true }).Should().Equal(true, true, false, false);

        bool[] Plain(AttackerView view) => [.. models.Select(view.IsPlainOn)];
    }

    [Fact]
    public void Makes_views_of_any_classifier_and_block()
    {
        using var noise = Network(new GaussianNoise(0.1));
        var model = new Classifier(noise, Bounds.Unit);
        AttackerView.Plain.Of(model).Should().BeSameAs(model);
        AttackerView.Eot(5, EotAverage.Probabilities).Of(model).Should().BeOfType<Eot>().Which
            .Should().BeEquivalentTo(new { Draws = 5, Average = EotAverage.Probabilities });
        AttackerView.FixedDraws(3).Of(model, 4).Should().BeOfType<Surrogates>().Which.Models.Should().HaveCount(3);
        AttackerView.AllPaths.Of(model).Should().BeSameAs(model);
        var blocks = new List<long>();
        new AttackerView("mine", (of, block) => { blocks.Add(block); return of; }).AveragedOver(2).Of(model, 7).Should().BeOfType<Eot>();
        blocks.Should().Equal(7);
    }

    [Fact]
    public void Bad_recipes_are_refused()
    {
        using var plain = Network(nn.Identity());
        ((Action)(() => new AttackerView(" ", s_own))).Should().Throw<ArgumentException>().WithParameterName("name");
        ((Action)(() => new AttackerView("a", null!))).Should().Throw<ArgumentNullException>().WithParameterName("make");
        ((Action)(() => _ = new AttackerView("a", s_own) { Draws = 0 })).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Draws*");
        ((Action)(() => AttackerView.Eot(0))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*draws*");
        ((Action)(() => AttackerView.Eot(2, (EotAverage)9))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("average");
        ((Action)(() => AttackerView.FixedDraws(1))).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*draws*");
        ((Action)(() => AttackerView.Plain.Of(null!))).Should().Throw<ArgumentNullException>().WithParameterName("model");
        ((Action)(() => AttackerView.Plain.IsPlainOn(null!))).Should().Throw<ArgumentNullException>().WithParameterName("model");
        ((Action)(() => new AttackerView("a", (_, _) => null!).Of(new Classifier(plain, Bounds.Unit))))
            .Should().Throw<InvalidOperationException>().WithMessage("*'a'*null*");
    }

    private static TorchSharp.Modules.Sequential Network(nn.Module<Tensor, Tensor> layer)
    {
        var network = nn.Sequential(("layer", layer), ("linear", new LinearModel()));
        network.eval();
        return network;
    }
}
