using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every attack. Derive once for each attack; a convention test requires it.</summary>
public abstract partial class AttackContract<T> where T : Attack
{
    /// <summary>The attack with a setting that succeeds on most points of a small linear model.</summary>
    protected abstract T Create();

    /// <summary>The budget that the result must keep, or null for a minimum-norm attack.</summary>
    protected virtual double? Budget => null;

    [Fact]
    public void Leaves_modes_flags_gradients_weights_and_streams_as_they_were()
    {
        using var network = Noisy(out var noise);
        var (x, labels) = Data(network);
        using var _ = x;
        using var __ = labels;
        noise.Reseed(9);
        using var before = Signature(network, noise, x);
        noise.Reseed(9);
        Create().Run(new Classifier(network, Bounds.Unit), x, labels).Dispose();
        using var after = Signature(network, noise, x);
        after.equal(before).all().ToBoolean().Should().BeTrue("the layer's next draws must be those of a network that was never attacked");
        network.training.Should().BeFalse();
        network.parameters().Should().OnlyContain(parameter => parameter.requires_grad && IsEmpty(parameter.grad));
        (noise.FixedDraw, noise.UseSurrogate, noise.ActiveIn, x.requires_grad).Should().Be((null, false, Phases.Always, false));
    }

    [Fact]
    public void Leaves_the_model_as_it_was_when_cancelled()
    {
        using var network = Noisy(out var noise);
        var (x, labels) = Data(network);
        using var _ = x;
        using var __ = labels;
        using var source = new CancellationTokenSource();
        var steps = new CancelAt(source);
        noise.Reseed(9);
        using var before = Signature(network, noise, x);
        noise.Reseed(9);
        var attack = Create();
        var live = Leaks.Live();
        var run = () => attack.Run(new Classifier(network, Bounds.Unit), x, labels, steps, source.Token);
        run.Should().Throw<OperationCanceledException>();
        Leaks.Live().Should().Be(live);
        using var after = Signature(network, noise, x);
        after.equal(before).all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void Leaves_no_tensor_behind()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        Leaks.None(() => Create().Run(model, x, labels).Dispose());
    }

    [Fact]
    public void Stays_within_the_bounds_and_the_budget_and_reports_the_size()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        var attack = Create();
        using var result = attack.Run(network.Classifier(), x, labels);
        using var scope = NewDisposeScope();
        result.Adversarial.shape.Should().Equal(x.shape);
        result.Adversarial.min().ToDouble().Should().BeGreaterThanOrEqualTo(0);
        result.Adversarial.max().ToDouble().Should().BeLessThanOrEqualTo(1);
        (result.Size - attack.Norm.Size(result.Adversarial - x)).abs().max().ToDouble().Should().BeLessThan(1e-6);
        if (Budget is { } budget) result.Size.max().ToDouble().Should().BeLessThanOrEqualTo(budget * (1 + 1e-4) + 1e-5, "this is within ε for the judge");
    }

    [Fact]
    public void Fools_most_points_of_a_linear_model_and_says_which()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var result = Create().Run(model, x, labels);
        using var scope = NewDisposeScope();
        var fooled = model.Logits(result.Adversarial).argmax(1).ne(labels);
        fooled.eq(result.Met).all().ToBoolean().Should().BeTrue("Met must report the predictions of the model");
        fooled.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.6);
        result.Queries.Forward.Should().BeGreaterThan(0);
        result.QueriesPerExample.Aggregate((sum, one) => sum + one).Should().Be(result.Queries, "every pass belongs to one example");
        result.QueriesPerExample.Should().OnlyContain(one => one.Forward > 0);
    }

    [Fact]
    public void Targeted_reaches_the_class_that_was_asked_for()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var nearest = model.Logits(x).scatter(1, labels.unsqueeze(1), full_like(labels.unsqueeze(1), -1e9, dtype: ScalarType.Float32)).argmax(1);
        using var result = Create().Run(model, x, Goal.Reach(nearest));
        var reached = model.Logits(result.Adversarial).argmax(1).eq(nearest);
        reached.to_type(ScalarType.Float32).mean().ToDouble().Should().BeGreaterThan(0.6);
    }

    [Fact]
    public void The_same_seed_gives_the_same_result()
    {
        using var network = Noisy(out var noise);
        noise.ActiveIn.Should().Be(Phases.Always);
        var (x, labels) = Data(network);
        using var _ = x;
        using var __ = labels;
        var attack = Create() with { Seed = 3 };
        using var first = attack.Run(new Classifier(network, Bounds.Unit), x, labels);
        using var second = attack.Run(new Classifier(network, Bounds.Unit), x, labels);
        using var same = first.Adversarial.equal(second.Adversarial).all();
        same.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void An_unmovable_model_is_left_in_peace()
    {
        using var network = new Constant();
        using var x = full([3, 5], 0.5);
        using var labels = zeros([3], dtype: ScalarType.Int64);
        using var result = Create().Run(new Classifier(network, Bounds.Unit), x, labels);
        using var scope = NewDisposeScope();
        result.Met.any().ToBoolean().Should().BeFalse();
        result.Adversarial.isnan().any().ToBoolean().Should().BeFalse();
    }

    [Fact]
    public void A_random_error_is_not_taken_for_a_success()
    {
        using var network = new CoinFlip(0.9);
        using var x = full([40, 3], 0.5);
        using var labels = zeros([40], dtype: ScalarType.Int64);
        using var result = (Create() with { DecisionDraws = 31 }).Run(new Classifier(network, Bounds.Unit), x, labels);
        using var scope = NewDisposeScope();
        result.Met.to_type(ScalarType.Float32).sum().ToDouble().Should().BeLessThanOrEqualTo(1, "one draw in ten errs, but never a majority");
    }

    [Fact]
    public void Bad_input_is_refused_with_its_name()
    {
        using var network = new LinearModel();
        var model = network.Classifier();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        using var scope = NewDisposeScope();
        var attack = Create();
        Refuses<ArgumentNullException>(() => attack.Run(null!, x, labels), "model");
        Refuses<ArgumentNullException>(() => attack.Run(model, null!, labels), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x.narrow(0, 0, 0), labels.narrow(0, 0, 0)), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x * double.NaN, labels), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x * 255, labels), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x.to_type(ScalarType.Int32), labels), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x.flatten(), labels), "x");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels.narrow(0, 0, 3)), "labels");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels.to_type(ScalarType.Int32)), "labels");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels * 0 + 4), "labels");
        Refuses<ArgumentException>(() => attack.Run(model, x, labels * 0 - 1), "labels");
    }

    [Theory]
    [InlineData("Epsilon", -1.0)]
    [InlineData("Epsilon", double.NaN)]
    [InlineData("Epsilon", double.PositiveInfinity)]
    [InlineData("StepSize", 0.0)]
    [InlineData("Steps", 0)]
    [InlineData("Restarts", 0)]
    [InlineData("DecisionDraws", 0)]
    public void Impossible_options_are_refused_with_their_name(string name, object value)
    {
        var option = typeof(T).GetProperty(name);
        if (option is null) return;   // some attacks lack the option
        var set = () => option.SetValue(Create(), value);
        set.Should().Throw<System.Reflection.TargetInvocationException>().WithInnerException<ArgumentOutOfRangeException>()
            .Where(error => error.ParamName == name && error.Message.Contains(name));
    }

    [Fact]
    public void A_model_with_one_class_is_refused()
    {
        using var network = nn.Sequential(("linear", nn.Linear(12, 1)));
        network.eval();
        using var labels = zeros([3], dtype: ScalarType.Int64);
        Refused(network, labels, "*two classes*");
    }

    [Fact]
    public void A_model_that_gives_nan_is_refused()
    {
        using var network = new NotANumber(0.05f);
        using var labels = Recognised(network.Inner);
        Refused(network, labels, "*NaN*");
    }

    [Fact]
    public void A_model_that_gives_nan_for_a_later_image_is_refused_or_the_result_is_of_numbers()
    {
        using var network = new NotANumber(0.25f);
        using var x = Brightnesses();
        using var labels = Recognised(network.Inner);
        try
        {
            using var result = Create().Run(new Classifier(network, Bounds.Unit), x, labels);
            using var nan = result.Adversarial.isnan().any();
            nan.ToBoolean().Should().BeFalse();
        }
        catch (InvalidOperationException error)
        {
            error.Message.Should().Contain("NaN");
        }
    }

    [Fact]
    public void A_model_without_gradient_is_refused_by_attacks_that_follow_gradients_and_only_by_them()
    {
        using var network = new Detached();
        using var labels = Recognised(network.Inner);
        using var x = Brightnesses();
        if ((Create().Knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) == Knowledge.None)
            Create().Run(new Classifier(network, Bounds.Unit), x, labels).Dispose();
        else Refused(network, labels, "*no gradient*Square*");
    }

    [Fact]
    public void Leaves_the_model_as_it_was_when_the_model_throws()
    {
        var noise = new GaussianNoise(0.01);
        using var network = nn.Sequential(("noise", noise), ("linear", new LinearModel()), ("tired", new Tired(1)));
        network.eval();
        var (x, labels) = ((LinearModel)network[1]).Data();
        using var _ = x;
        using var __ = labels;
        noise.Reseed(9);
        using var before = Signature(network, noise, x);
        noise.Reseed(9);
        var attack = Create();
        var live = Leaks.Live();
        var run = () => attack.Run(new Classifier(network, Bounds.Unit), x, labels);
        run.Should().Throw<NotSupportedException>();
        Leaks.Live().Should().Be(live);
        using var after = Signature(network, noise, x);
        after.equal(before).all().ToBoolean().Should().BeTrue();
        network.training.Should().BeFalse();
        network.parameters().Should().OnlyContain(parameter => parameter.requires_grad && IsEmpty(parameter.grad));
        (noise.FixedDraw, noise.UseSurrogate, noise.ActiveIn, x.requires_grad).Should().Be((null, false, Phases.Always, false));
    }

    [Fact]
    public void A_network_in_training_mode_is_refused()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data();
        using var _ = x;
        using var __ = labels;
        network.train();
        var run = () => Create().Run(network.Classifier(), x, labels);
        run.Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
    }

    [Fact]
    public void A_model_that_gives_probabilities_is_refused()
    {
        using var network = nn.Sequential(("linear", nn.Linear(12, 4)), ("softmax", nn.Softmax(1)));
        network.eval();
        using var x = full([3, 12], 0.5);
        using var labels = zeros([3], dtype: ScalarType.Int64);
        var run = () => Create().Run(new Classifier(network, Bounds.Unit), x, labels);
        run.Should().Throw<InvalidOperationException>().WithMessage("*logits*");
    }

    [Fact]
    public void Prints_its_options()
    {
        var text = Create().ToString();
        text.Should().StartWith(typeof(T).Name).And.Contain("Norm = ");
    }

    private static void Refuses<TException>(Action run, string name) where TException : ArgumentException
    {
        var live = Leaks.Live();
        using (NewDisposeScope()) run.Should().Throw<TException>().Where(error => error.ParamName == name);
        Leaks.Live().Should().Be(live);
    }

    // Three different images.
    private static Tensor Brightnesses()
    {
        using var scope = NewDisposeScope();
        return ((arange(3, dtype: ScalarType.Float32) / 10).unsqueeze(1).repeat(1, 12) + 0.05).MoveToOuterDisposeScope();
    }

    // As labels, so that no example is finished at the start.
    private static Tensor Recognised(LinearModel network)
    {
        using var scope = NewDisposeScope();
        return network.call(Brightnesses()).argmax(1).MoveToOuterDisposeScope();
    }

    private void Refused(nn.Module<Tensor, Tensor> network, Tensor labels, string message)
    {
        using var x = Brightnesses();
        var attack = Create();
        var live = Leaks.Live();
        var run = () => attack.Run(new Classifier(network, Bounds.Unit), x, labels);
        run.Should().Throw<InvalidOperationException>().WithMessage(message);
        Leaks.Live().Should().Be(live);
    }

    private static bool IsEmpty(Tensor? gradient) => gradient is null || gradient.IsInvalid;

    private static TorchSharp.Modules.Sequential Noisy(out GaussianNoise noise)
    {
        noise = new GaussianNoise(0.01);
        var network = nn.Sequential(("noise", noise), ("linear", new LinearModel()));
        network.eval();
        return network;
    }

    private static (Tensor, Tensor) Data(nn.Module<Tensor, Tensor> network)
    {
        var linear = (LinearModel)network.named_children().Last().module;
        return linear.Data();
    }

    // The weights and the next two draws of the layer.
    private static Tensor Signature(nn.Module<Tensor, Tensor> network, GaussianNoise noise, Tensor x)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var parts = network.parameters().Select(parameter => parameter.flatten()).Append(noise.call(x).flatten()).Append(noise.call(x).flatten());
        return cat(parts.ToArray()).MoveToOuterDisposeScope();
    }

    private sealed class CancelAt(CancellationTokenSource source) : IProgress<AttackProgress>
    {
        public void Report(AttackProgress value) => source.Cancel();
    }

    private sealed class Constant : nn.Module<Tensor, Tensor>
    {
        internal Constant() : base(nameof(Constant)) => eval();

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return (tensor([3f, 1f, 0f, -1f]) + x.flatten(1).sum(1, keepdim: true) * 0).MoveToOuterDisposeScope();
        }
    }

    /// <summary>NaN for the images around one brightness.</summary>
    private sealed class NotANumber : nn.Module<Tensor, Tensor>
    {
        private readonly float _brightness;
        private readonly LinearModel _inner = new();

        internal NotANumber(float brightness) : base(nameof(NotANumber))
        {
            _brightness = brightness;
            RegisterComponents();
            eval();
        }

        internal LinearModel Inner => _inner;

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var off = (x.detach().flatten(1).mean([1], keepdim: true) - _brightness).abs();
            var logits = _inner.call(x);
            return where(off < 0.045, logits * double.NaN, logits).MoveToOuterDisposeScope();
        }
    }

    private sealed class Detached : nn.Module<Tensor, Tensor>
    {
        private readonly LinearModel _inner = new();

        internal Detached() : base(nameof(Detached))
        {
            RegisterComponents();
            eval();
        }

        internal LinearModel Inner => _inner;

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            return _inner.call(x).detach().MoveToOuterDisposeScope();
        }
    }

    /// <summary>Throws after some calls.</summary>
    private sealed class Tired(int calls) : nn.Module<Tensor, Tensor>(nameof(Tired))
    {
        private int _left = calls;

        public override Tensor forward(Tensor x) => _left-- > 0 ? x.alias() : throw new NotSupportedException("tired");
    }
}
