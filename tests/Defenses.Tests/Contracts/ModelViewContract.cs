using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every view: logits, draws, gradients, Jacobians and members come from one model. Derive once for each.</summary>
public abstract class ModelViewContract<T> where T : ModelView
{
    /// <summary>The view of a classifier, a new one for each call; if the view itself is random, with a seed. Images
    /// are (N, 12), in double precision.</summary>
    protected abstract T Create(Classifier model);

    /// <summary>The tolerance of gradients, relative to 1 + their size.</summary>
    protected virtual double Tolerance => 1e-6;

    /// <summary>The expected gradient of the summed loss; by default the true gradient of the view's logits, by differences.</summary>
    protected virtual double[] ExpectedGradient(T view, Tensor x, Func<Tensor, Tensor> loss) => Differences(x, at => Loss(view, at, loss));

    /// <summary>Whether the Jacobian is that of the logits; false where it is the mean over the members, as the gradient is.</summary>
    protected virtual bool HasJacobianOfLogits => false;

    /// <summary>Whether the view has gradients; false for black boxes, which must refuse in words.</summary>
    protected virtual bool HasGradient => true;

    /// <summary>Whether logits of the view are linear in the images where those of the network are.</summary>
    protected virtual bool KeepsLinearity => true;

    [Fact]
    public void It_describes_the_model_that_it_is_a_view_of() => Each((view, x, _) =>
    {
        var logits = view.Logits(x);
        view.Classes.Should().BeInRange(2, logits.shape[1]);
        logits.shape[0].Should().Be(x.shape[0]);
        view.Bounds.Should().Be(Bounds.Unit);
        view.MemberShares.Sum().Should().BeApproximately(1, 1e-9);
        view.MemberLogits(x).shape.Should().Equal(view.MemberShares.Count, x.shape[0], logits.shape[1]);
    });

    [Fact]
    public void It_draws_if_and_only_if_it_says_so() => Each((view, x, _) =>
    {
        var (first, second, draws) = (Numbers.Of(view.Logits(x)), Numbers.Of(view.Logits(x)), view.Logits(x, 3));
        draws.shape[0].Should().Be(3);
        if (view.IsRandom)
        {
            second.Should().NotEqual(first);
            Enumerable.Range(0, 3).Select(draw => string.Join(' ', Numbers.Of(draws[draw]))).Should().OnlyHaveUniqueItems("every draw is a fresh one");
        }
        else
        {
            second.Should().Equal(first);
            for (var draw = 0; draw < 3; draw++) Close(Numbers.Of(draws[draw]), first, 1e-9);
        }
    });

    [Fact]
    public void Its_gradient_is_that_of_its_own_answers() => Each((view, x, _) =>
    {
        if (!HasGradient)
        {
            Refused(() => view.Differentiate(x, Smooth));
            Refused(() => view.Differentiate(x, Smooth, 3));
        }
        if (view.IsRandom || !HasGradient) return;
        var pass = view.Differentiate(x, Smooth);
        Close(Numbers.Of(pass.Logits), Numbers.Of(view.Logits(x)), 1e-9);
        Close(Numbers.Of(pass.Loss), Numbers.Of(Loss(view, x, Smooth)), 1e-9);
        var expected = ExpectedGradient(view, x, Smooth);
        Close(Numbers.Of(pass.Gradient), expected, Tolerance);
        Close(Numbers.Of(view.Gradient(x, Smooth)), expected, Tolerance);
        Close(Numbers.Of(view.Differentiate(x, Smooth, 3).Gradient), expected, Tolerance);
    });

    [Fact]
    public void Its_Jacobian_is_made_of_the_same_gradients() => Each((view, x, isLinear) =>
    {
        if (!HasGradient)
        {
            Refused(() => view.Jacobian(x));
            Refused(() => view.JacobianAndLogits(x, answers => answers));
            return;
        }
        if (view.IsRandom && !(isLinear && KeepsLinearity)) return;
        var (jacobian, logits) = view.JacobianAndLogits(x);
        jacobian.shape.Should().Equal([x.shape[0], logits.shape[1], .. x.shape[1..]]);
        var weight = Weights(logits);
        var contracted = Numbers.Of((jacobian * weight.view(1, -1, 1)).sum([1L]));
        Close(Numbers.Of((view.Jacobian(x) * weight.view(1, -1, 1)).sum([1L])), contracted, Tolerance);
        if (HasJacobianOfLogits) Close(contracted, Differences(x, at => Straight(view.Logits(at))), Tolerance);
        else Close(Numbers.Of(view.Gradient(x, Straight)), contracted, Tolerance);
        if (view.IsRandom) return;
        Close(Numbers.Of(logits), Numbers.Of(view.Logits(x)), 1e-9);
        var (some, _) = view.JacobianAndLogits(x, answers => answers.narrow(1, 1, 1) - answers.narrow(1, 0, 1));
        Close(Numbers.Of(some.squeeze(1)), Numbers.Of(jacobian.select(1, 1) - jacobian.select(1, 0)), Tolerance);
    });

    [Fact]
    public void Its_members_make_up_its_answer() => Each((view, x, _) =>
    {
        if (view.IsRandom) return;
        var members = view.MemberLogits(x);
        var mean = Enumerable.Range(0, view.MemberShares.Count)
            .Aggregate(zeros_like(members[0]), (sum, m) => sum + members[m].softmax(-1) * view.MemberShares[m]);
        Close(Numbers.Of(mean), Numbers.Of(view.Logits(x).softmax(-1)), 1e-9);
        for (var m = 0; HasGradient && m < view.MemberShares.Count; m++)
        {
            var (jacobian, logits) = view.MemberJacobian(m, x, answers => Straight(answers).unsqueeze(1));
            Close(Numbers.Of(logits), Numbers.Of(members[m]), 1e-9);
            var number = m;
            var expected = view.MemberShares.Count == 1 ? Numbers.Of(view.JacobianAndLogits(x, answers => Straight(answers).unsqueeze(1)).Jacobian)
                : Differences(x, at => Straight(view.MemberLogits(at)[number]));
            Close(Numbers.Of(jacobian.squeeze(1)), expected, Tolerance);
        }
        FluentActions.Invoking(() => view.MemberJacobian(view.MemberShares.Count, x, answers => answers)).Should().Throw<ArgumentOutOfRangeException>();
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Large_and_infinite_logits_give_numbers(bool linear, bool isMasked)
    {
        using var scope = NewDisposeScope();
        using var inner = Network(linear);
        using var network = isMasked ? ChangedAnswer.Masked(inner, double.NegativeInfinity) : new ChangedAnswer(inner, logits => logits * 1e4);
        var (view, x) = (Create(Of(network)), Images());
        var logits = view.Logits(x);
        Numbers.Of(logits).Should().NotContain(double.NaN);
        if (!isMasked) Numbers.Of(logits).Should().OnlyContain(score => double.IsFinite(score), "classes keep their order where probabilities are 0");
        if (!HasGradient) return;
        var labels = logits.argmax(1).clamp_max(view.Classes - 1);
        var hasSlope = Numbers.Of(Create(Of(inner)).Differentiate(x, Lead).Gradient).Any(slope => slope != 0);   // a view may cancel it
        foreach (var pass in new[] { view.Differentiate(x, Lead), view.Differentiate(x, Lead, 3) })
        {
            Numbers.Of(pass.Gradient).Should().OnlyContain(slope => double.IsFinite(slope));
            if (hasSlope) Numbers.Of(pass.Gradient).Should().Contain(slope => slope != 0);
            Numbers.Of(pass.Loss).Should().OnlyContain(loss => double.IsFinite(loss));
            Numbers.Of(pass.Logits).Should().NotContain(double.NaN);
        }
        Numbers.Of(view.Jacobian(x)).Should().OnlyContain(slope => double.IsFinite(slope));

        Tensor Lead(Tensor answers) => Defenses.Attacks.Loss.Margin.Value(answers, Goal.Avoid(labels));
    }

    [Fact]
    public void Every_question_counts() => Each((view, x, _) =>
    {
        Action[] questions =
        [
            () => view.Logits(x), () => view.Logits(x, 2), () => view.Differentiate(x, Smooth), () => view.Differentiate(x, Smooth, 2),
            () => view.JacobianAndLogits(x), () => view.JacobianAndLogits(x, answers => answers.narrow(1, 0, 1)),
            () => view.MemberLogits(x), () => view.MemberJacobian(0, x, answers => answers.narrow(1, 0, 1)),
        ];
        if (!HasGradient) questions = [() => view.Logits(x), () => view.Logits(x, 2), () => view.MemberLogits(x)];
        foreach (var ask in questions)
        {
            var before = view.Queries;
            ask();
            (view.Queries - before).Forward.Should().BeGreaterThanOrEqualTo(x.shape[0]);
        }
    });

    [Fact]
    public void A_run_sees_the_same_view_and_counts_each_example() => Each((view, x, _) =>
    {
        var heard = new Listening();
        var labels = view.Logits(x).argmax(1).clamp_max(view.Classes - 1);
        var wanted = view.IsRandom ? [] : Numbers.Of(view.Logits(x));
        var before = view.Queries;
        Attack attack = HasGradient
            ? new Pgd(0.05) { Steps = 4, Restarts = 1, StopEarly = true, RandomStart = false, Loss = heard, Seed = 1 }
            : new Square(0.05) { Candidates = 4, Loss = heard, Seed = 1 };
        using var result = attack.Run(view, x, labels);
        result.Queries.Should().Be(view.Queries - before, "all passes of the run go through the view");
        result.QueriesPerExample.Should().HaveCount((int)x.shape[0]).And.OnlyContain(one => one.Forward > 0);
        result.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(result.Queries);
        if (HasGradient && !view.IsRandom && view.MemberShares.Count == 1) Close(heard.First!, wanted, 1e-9);
    });

    [Fact]
    public void It_leaves_no_tensor_behind()
    {
        using var outer = NewDisposeScope();
        var view = Create(Of(Network(linear: true)));
        var x = Images();
        using (view.Logits(x)) { }
        Numbers.LeaveNothing(() => view.Logits(x).Dispose());
        Numbers.LeaveNothing(() => view.Logits(x, 2).Dispose());
        Numbers.LeaveNothing(() => view.MemberLogits(x).Dispose());
        if (!HasGradient) return;
        Numbers.LeaveNothing(() => view.Differentiate(x, Smooth).Dispose());
        Numbers.LeaveNothing(() => view.Differentiate(x, Smooth, 2).Dispose());
        Numbers.LeaveNothing(() => view.Jacobian(x).Dispose());
    }

    [Fact]
    public void Bad_questions_are_refused() => Each((view, x, _) =>
    {
        FluentActions.Invoking(() => view.Logits(null!)).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => view.Logits(x.narrow(0, 0, 0))).Should().Throw<ArgumentException>().WithParameterName("x");
        FluentActions.Invoking(() => view.Logits(x, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("draws");
        FluentActions.Invoking(() => view.Differentiate(x, null!)).Should().Throw<ArgumentNullException>().WithParameterName("loss");
        FluentActions.Invoking(() => view.Differentiate(x.to_type(ScalarType.Int64), Smooth)).Should().Throw<ArgumentException>().WithParameterName("x");
    });

    /// <summary>The loss of each example, (N,), as the view averages it over its members.</summary>
    protected static Tensor Loss(ModelView view, Tensor x, Func<Tensor, Tensor> loss)
    {
        var members = view.MemberLogits(x);
        return Enumerable.Range(0, view.MemberShares.Count)
            .Aggregate(zeros_like(members[0, TensorIndex.Colon, 0]), (sum, m) => sum + loss(members[m]) * view.MemberShares[m]);
    }

    /// <summary>The gradient of a sum over examples by central differences, for images (N, 12).</summary>
    protected static double[] Differences(Tensor x, Func<Tensor, Tensor> value)
    {
        const double Step = 1e-5;
        var columns = Enumerable.Range(0, (int)x.shape[1]).Select(column =>
        {
            var step = zeros_like(x);
            step.select(1, column).fill_(Step);
            return (value(x + step) - value(x - step)) / (2 * Step);
        });
        return Numbers.Of(stack(columns.ToArray(), 1));
    }

    private static Tensor Weights(Tensor logits) => arange(1, logits.shape[1] + 1, dtype: ScalarType.Float64).square() / 10;

    private static Tensor Straight(Tensor logits) => (logits * Weights(logits)).sum(-1);

    private static Tensor Smooth(Tensor logits) => ((logits - logits.mean([-1L], keepdim: true)).tanh() * Weights(logits)).sum(-1);

    private static void Close(double[] actual, double[] expected, double tolerance)
    {
        actual.Should().HaveSameCount(expected);
        for (var i = 0; i < actual.Length; i++)
            (Math.Abs(actual[i] - expected[i]) <= tolerance * (1 + Math.Abs(expected[i]))).Should()
                .BeTrue($"element {i} is {actual[i]} and should be {expected[i]}");
    }

    private static void Refused(Action ask) => ask.Should().Throw<NoGradientException>().WithMessage("*no gradient*HopSkipJump*");

    private static Tensor Images() => Numbers.Uniform([3, 12], ScalarType.Float64, seed: 8) * 0.6 + 0.2;

    private static Classifier Of(nn.Module<Tensor, Tensor> network) => new(network, Bounds.Unit);

    // A smooth deterministic network, and a linear network behind noise.
    private void Each(Action<T, Tensor, bool> check)
    {
        foreach (var linear in new[] { false, true })
        {
            using var scope = NewDisposeScope();
            using var network = Network(linear);
            check(Create(Of(network)), Images(), linear);
        }
    }

    private static nn.Module<Tensor, Tensor> Network(bool linear)
    {
        nn.Module<Tensor, Tensor> network = linear
            ? nn.Sequential(("noise", new GaussianNoise(0.01)), ("linear", new LinearModel()))
            : nn.Sequential(("first", nn.Linear(12, 8)), ("tanh", nn.Tanh()), ("last", nn.Linear(8, 4)));
        using var random = new RandomSource(5);
        using (no_grad())
            foreach (var weight in network.parameters())
                using (var start = random.Normal(weight, 0.5))
                    weight.copy_(start);
        network.to(ScalarType.Float64);
        network.Reseed(3);
        network.eval();
        return network;
    }

    /// <summary>Remembers the logits that an attack first computes its loss of.</summary>
    private sealed class Listening : Loss
    {
        internal double[]? First { get; private set; }

        public override Tensor Value(Tensor logits, Goal goal)
        {
            First ??= Numbers.Of(logits);
            return Margin.Value(logits, goal);
        }
    }
}
