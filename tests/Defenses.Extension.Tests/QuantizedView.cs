using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Outside;

/// <summary>A view: the model behind a camera with a few brightness levels; gradients pass straight through the steps.</summary>
public sealed class QuantizedView(ModelView inner, int levels) : InterceptingModelView(inner)
{
    protected override Func<Tensor, Tensor>? Transform => x => x + (Round(x) - x).detach();

    protected override DelegatingModelView Over(ModelView inner) => new QuantizedView(inner, levels);

    internal Tensor Round(Tensor x) => ((x - Bounds.Lower) * (levels / Bounds.Range)).round() * (Bounds.Range / levels) + Bounds.Lower;
}

public sealed class QuantizedViewTests : ModelViewContract<QuantizedView>
{
    private Classifier? _model;

    protected override QuantizedView Create(Classifier model) => new(_model = model, 8);

    // Straight through: the gradient of the model where the camera puts the image.
    protected override double[] ExpectedGradient(QuantizedView view, Tensor x, Func<Tensor, Tensor> loss) =>
        Differences(view.Round(x), at => loss(_model!.Logits(at)));

    [Fact]
    public void It_answers_for_the_nearest_level()
    {
        using var network = new LinearModel();
        using var scope = NewDisposeScope();
        var (x, _) = network.Data();
        var view = new QuantizedView(network.Classifier(), 4);
        Numbers.Of(view.Logits(x)).Should().Equal(Numbers.Of(view.Logits((x * 4).round() / 4)));
        Numbers.Of(view.Logits(x)).Should().NotEqual(Numbers.Of(network.Classifier().Logits(x)));
    }

    [Fact]
    public void It_stands_behind_other_views_and_under_attacks()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        var view = new Metered(new Surrogates([new QuantizedView(network.Classifier(), 8), network.Classifier()])) { MaxForwardPerExample = 500 };
        using var result = new Pgd(0.3) { Seed = 1, Steps = 20, Restarts = 2 }.Run(view, x, labels);
        Numbers.Of(result.Met).Sum().Should().BeGreaterThan(10);
        result.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(result.Queries);
        view.Spent.Should().Be(result.Queries);
    }

    [Fact]
    public void A_view_that_returns_itself_is_refused()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var images = x;
        using var classes = labels;
        FluentActions.Invoking(() => new Pgd(0.3).Run(new Stuck(network.Classifier()), x, labels))
            .Should().Throw<InvalidOperationException>().WithMessage("*Stuck.Over*");
    }

    private sealed class Stuck(ModelView inner) : InterceptingModelView(inner)
    {
        protected override DelegatingModelView Over(ModelView inner) => this;
    }
}
