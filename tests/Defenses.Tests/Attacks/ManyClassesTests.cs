using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>On a thousand classes the nearest boundary is looked for among the nearest classes, with one gradient in memory at a time.</summary>
public sealed class ManyClassesTests
{
    private const int Classes = 1000, Count = 8;

    public static TheoryData<string> Attacks => ["DeepFool L2", "DeepFool Linf", "FAB L1", "FAB L2", "FAB Linf", "trust region"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Ten_classes_are_differentiated_and_every_image_is_fooled(string name)
    {
        var (result, allClasses) = (Run(name, null, out var ten), Run(name, Classes - 1, out var all));
        var calls = ten.Forward - 1;
        ten.Backward.Should().BeLessThanOrEqualTo(11 * calls);
        all.Backward.Should().BeGreaterThanOrEqualTo((Classes - 1) * Count, "the option asks for every class");
        result.Should().OnlyContain(size => size > 0);
        result.Average().Should().BeLessThanOrEqualTo(1.1 * allClasses.Average(), "ten by their logits hold the nearest boundary, or one nearly as near");
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void The_option_is_taken_literally(string name)
    {
        Run(name, 3, out var three);
        three.Backward.Should().BeLessThanOrEqualTo(4 * (three.Forward - 1));
    }

    [Fact]
    public void Up_to_twenty_classes_all_are_looked_at_by_default()
    {
        LinearBoundary.NearestClasses(null, 10).Should().Be(9);
        LinearBoundary.NearestClasses(null, 20).Should().Be(19);
        LinearBoundary.NearestClasses(null, 21).Should().Be(10);
        LinearBoundary.NearestClasses(50, 21).Should().Be(20, "there are no more");
        FluentActions.Invoking(() => new DeepFool { NearestClasses = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("NearestClasses");
        FluentActions.Invoking(() => new Fab { NearestClasses = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("NearestClasses");
        FluentActions.Invoking(() => new TrustRegion { NearestClasses = 0 }).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("NearestClasses");
    }

    [Fact]
    public void Arc_looks_at_eleven_classes_with_the_label()
    {
        using var network = new LinearModel(inputs: 48, classes: Classes);
        using var scope = NewDisposeScope();
        var (x, labels) = network.Data(Count);
        using var result = new Arc(0.2) { Steps = 2, Seed = 1 }.Run(network.Classifier(), x, labels);
        result.Queries.Backward.Should().BePositive().And.BeLessThanOrEqualTo(10 * 2 * Count);
    }

    // After each gradient one more tensor may live: its sizes, a number for each example. A gradient that is kept would be a second one.
    [Theory]
    [InlineData("DeepFool L2", "plain")]
    [InlineData("FAB Linf", "plain")]
    [InlineData("DeepFool L2", "mask")]
    [InlineData("DeepFool L2", "mean")]
    [InlineData("DeepFool L2", "detector")]
    public void Of_all_gradients_one_is_kept(string name, string before)
    {
        using var network = new LinearModel(inputs: 48, classes: Classes);
        using var scope = NewDisposeScope();
        var (x, labels) = network.Data(2);
        var view = new Spy(network.Classifier());
        var goal = before == "detector" ? new EvadeDetectors(Goal.Avoid(labels), [new DetectorLimit(new Never(), 1)]) : Goal.Avoid(labels);
        using var result = Attack(name, Classes - 1).Run(
            before == "mean" ? new Eot(view, 3) : view, x, goal, constraint: before == "mask" ? Constraint.Mask(arange(48).gt(3)) : null);
        view.Live.Should().HaveCountGreaterThanOrEqualTo(Classes - 1);
        for (var k = 1; k < Classes - 1; k++) (view.Live[k] - view.Live[0]).Should().BeLessThanOrEqualTo(k);
    }

    private static double[] Run(string name, int? nearest, out Queries queries)
    {
        using var network = new LinearModel(inputs: 48, classes: Classes);
        using var scope = NewDisposeScope();
        var (x, labels) = network.Data(Count);
        using var result = Attack(name, nearest).Run(network.Classifier(), x, labels);
        result.Met.all().ToBoolean().Should().BeTrue();
        queries = result.Queries;
        return Numbers.Of(result.Size);
    }

    private static Attack Attack(string name, int? nearest) => name switch
    {
        "DeepFool L2" => new DeepFool { NearestClasses = nearest },
        "DeepFool Linf" => new DeepFool { NearestClasses = nearest, Norm = Norm.Linf },
        "FAB L1" => new Fab { NearestClasses = nearest, Norm = Norm.L1, Steps = 4 },
        "FAB L2" => new Fab { NearestClasses = nearest, Norm = Norm.L2, Steps = 4 },
        "FAB Linf" => new Fab { NearestClasses = nearest, Steps = 4 },
        _ => new TrustRegion { NearestClasses = nearest, Radius = 0.05 },
    };

    /// <summary>A detector that never fires.</summary>
    private sealed class Never : IDetectorScore
    {
        public Tensor Score(Tensor images) => images.flatten(1).mean([1L]) - 2;
    }

    /// <summary>Counts the live tensors after each gradient, and never has all of them at once.</summary>
    private sealed class Spy(ModelView inner) : ModelView
    {
        internal List<long> Live { get; } = [];

        public override Bounds Bounds => inner.Bounds;

        public override long Classes => inner.Classes;

        public override Queries Queries => inner.Queries;

        public override bool IsRandom => inner.IsRandom;

        protected internal override IReadOnlyList<nn.Module> Networks => inner.Networks;

        internal override ModelView Bind(QueryTally tally) => this;

        protected internal override Tensor ComputeLogits(Tensor x) => inner.ComputeLogits(x);

        protected internal override LossGradient ComputeGradient(Tensor x, Func<Tensor, Tensor> loss) => inner.ComputeGradient(x, loss);

        protected internal override (Tensor Jacobian, Tensor Logits) ComputeJacobian(Tensor x) => throw new NotSupportedException("the whole Jacobian");

        internal override Tensor EachGradient(Tensor x, Func<Tensor, Tensor> outputs, Action<int, Tensor> read) =>
            inner.EachGradient(x, outputs, (k, gradient) =>
            {
                read(k, gradient);
                Live.Add(Leaks.Live());
            });
    }
}
