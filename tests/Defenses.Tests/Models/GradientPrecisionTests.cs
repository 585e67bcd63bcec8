using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Gradients in bfloat16: near those of float32, from the same modules, whose weights come back.</summary>
public sealed class GradientPrecisionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = Numbers.Uniform([6, 3, 8, 8], seed: 2);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Float32_is_the_default_and_what_is_used_can_be_read()
    {
        using var network = Convolutional();
        var model = new Classifier(network, Bounds.Unit);
        (model.GradientPrecision, model.GradientPrecisionInUse).Should().Be((GradientPrecision.Float32, GradientPrecision.Float32));
        Rough(network).GradientPrecisionInUse.Should().Be(GradientPrecision.BFloat16);
        var measured = new Classifier(network, Bounds.Unit) { GradientPrecision = GradientPrecision.BFloat16 };
        measured.GradientPrecisionInUse.Should().Be(FastBFloat16.On(CPU) ? GradientPrecision.BFloat16 : GradientPrecision.Float32);
        FastBFloat16.IsGain(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1)).Should().BeTrue();
        FastBFloat16.IsGain(TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(1)).Should().BeFalse();
        var unknown = () => new Classifier(network, Bounds.Unit) { GradientPrecision = (GradientPrecision)9 };
        unknown.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*known precision*");
    }

    [Fact]
    public void Gradients_are_near_those_of_float32_and_logits_are_the_same()
    {
        using var network = Convolutional();
        var (exact, rough) = (new Classifier(network, Bounds.Unit), Rough(network));
        var (expected, gradient) = (exact.Gradient(_x, First), rough.Gradient(_x, First));
        gradient.dtype.Should().Be(ScalarType.Float32);
        Distance(gradient, expected).Should().BeInRange(1e-5, 0.03, "it is rounded, but not wrong");
        Numbers.Of(rough.Logits(_x)).Should().Equal(Numbers.Of(exact.Logits(_x)));
        var (jacobian, logits) = rough.JacobianAndLogits(_x);
        Distance(jacobian, exact.Jacobian(_x)).Should().BeInRange(1e-5, 0.03);
        Distance(logits, exact.Logits(_x)).Should().BeLessThan(1e-6, "a Jacobian comes with the logits of a forward pass");
    }

    [Fact]
    public void Weights_follow_and_come_back_also_after_an_exception()
    {
        using var network = Convolutional();
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        var strides = network.parameters().Select(weight => weight.stride()).ToArray();
        var model = Rough(network);
        Leaks.None(() => model.Gradient(_x, First).Dispose());
        var fails = () => model.Gradient(_x, _ => throw new InvalidDataException("no loss"));
        fails.Should().Throw<InvalidDataException>();
        foreach (var (name, value) in network.state_dict())
        {
            value.dtype.Should().Be(before[name].dtype, name);
            Numbers.Of(value).Should().Equal(Numbers.Of(before[name]), name);
        }

        network.parameters().Select(weight => weight.stride()).Should().BeEquivalentTo(strides);
        network.parameters().Should().OnlyContain(weight => weight.requires_grad);
        using (no_grad()) network.parameters().Last().mul_(0);
        using (no_grad()) network.parameters().SkipLast(1).Last().mul_(2);
        Distance(model.Gradient(_x, First), new Classifier(network, Bounds.Unit).Gradient(_x, First)).Should().BeLessThan(0.03, "the copy is no older");
    }

    [Fact]
    public void Normalization_keeps_its_statistics_and_fields_of_own_modules_follow()
    {
        var normalization = nn.BatchNorm2d(3);
        var seen = new Seen(() => normalization.running_mean!.dtype, () => normalization.weight!.dtype);
        using var network = nn.Sequential(("norm", normalization), ("seen", seen), ("flat", nn.Flatten()), ("fc", nn.Linear(192, 3)));
        network.eval();
        Rough(network).Gradient(_x, First).abs().max().ToDouble().Should().BeGreaterThan(0);
        seen.Types.Should().Equal(ScalarType.Float32, ScalarType.Float32, ScalarType.BFloat16, ScalarType.BFloat16);
        seen.Scale.dtype.Should().Be(ScalarType.Float32);
    }

    [Fact]
    public void Random_layers_draw_from_their_streams_and_fixed_draws_hold()
    {
        using var network = nn.Sequential(("noise", new GaussianNoise(0.3)), ("network", Convolutional()));
        network.eval();
        var (exact, rough) = (new Classifier(network, Bounds.Unit), Rough(network));
        Distance(new FixedDraw(rough, 4).Gradient(_x, First), new FixedDraw(exact, 4).Gradient(_x, First)).Should().BeLessThan(0.03);
        network.Reseed(3);
        var expected = new Eot(exact, 5).Gradient(_x, First);
        network.Reseed(3);
        Distance(new Eot(rough, 5).Gradient(_x, First), expected).Should().BeLessThan(0.03);
        Distance(new Eot(rough, 5).Gradient(_x, First), expected).Should().BeGreaterThan(0.05, "the next draws are others");
    }

    [Fact]
    public void What_cannot_run_in_bfloat16_is_refused_with_the_reason()
    {
        using var script = ScriptArchive.Linear(Numbers.Normal([12, 4], ScalarType.Float64), Numbers.Normal([4], ScalarType.Float64));
        var compiled = () => new Classifier(script, Bounds.Unit) { GradientPrecision = GradientPrecision.BFloat16 };
        compiled.Should().Throw<NotSupportedException>().WithMessage("*ScriptNetwork*native*Leave GradientPrecision at Float32*");
        using var attentive = new Attentive();
        var native = () => new Classifier(attentive, Bounds.Unit) { GradientPrecision = GradientPrecision.BFloat16 };
        native.Should().Throw<NotSupportedException>().WithMessage("*MultiheadAttention*Leave GradientPrecision at Float32*");
        var function = () => new Classifier(x => x.flatten(1), Bounds.Unit, []) { GradientPrecision = GradientPrecision.BFloat16 };
        function.Should().Throw<NotSupportedException>().WithMessage("*function*Leave GradientPrecision at Float32*");
        using var stubborn = nn.Sequential(("flat", nn.Flatten()), ("whole", new Whole()), ("fc", nn.Linear(192, 3)));
        stubborn.eval();
        var live = Leaks.Live();
        var run = () => Rough(stubborn).Gradient(_x, First);
        run.Should().Throw<NotSupportedException>().WithMessage("*bfloat16*Leave GradientPrecision at Float32*");
        Leaks.Live().Should().Be(live);
        stubborn.parameters().Should().OnlyContain(weight => weight.dtype == ScalarType.Float32);
    }

    [Fact]
    public void Integer_operations_and_other_number_types_are_no_obstacle()
    {
        using var network = nn.Sequential(("levels", new Levels()), ("flat", nn.Flatten()), ("fc", nn.Linear(192, 3)));
        network.eval();
        Distance(Rough(network).Gradient(_x, First), new Classifier(network, Bounds.Unit).Gradient(_x, First)).Should().BeLessThan(0.03);
        using var twice = Convolutional().to(ScalarType.Float64);
        var images = _x.to_type(ScalarType.Float64);
        var pass = Rough(twice).Differentiate(images, First);
        (pass.Gradient.dtype, pass.Logits.dtype, pass.Loss.dtype).Should().Be((ScalarType.Float64, ScalarType.Float64, ScalarType.Float64));
        using var half = Convolutional().to(ScalarType.BFloat16);
        Rough(half).GradientPrecisionInUse.Should().Be(GradientPrecision.Float32, "nothing is lowered");
    }

    [Theory]
    [MemberData(nameof(Searches))]
    public void A_success_that_only_bfloat16_sees_does_not_end_the_search(Attack attack)
    {
        using var network = nn.Linear(4, 2);
        using (no_grad())
        {
            network.weight.copy_(tensor(new[,] { { 1.0035f, 1.0035f, 1.0035f, 0 }, { 1.0045f, 1.0045f, 1, 0.5f } }));   // 3.0105 > 3.009; rounded 3 < 3.0156
            network.bias!.zero_();
        }

        network.eval();
        var (x, labels) = (tensor(new[] { 1f, 1, 1, 0 }).unsqueeze(0), zeros([1], dtype: ScalarType.Int64));
        var rough = Rough(network);
        rough.Differentiate(x, First).Logits.argmax(1).ToInt64().Should().Be(1, "bfloat16 sees a success at the image itself");
        using var result = (attack with { Seed = 1 }).Run(rough, x, labels);
        result.Met.ToBoolean().Should().BeTrue("the search must go on to a point that float32 finds to be one");
    }

    public static TheoryData<Attack> Searches =>
        [new Apgd(0.02), new CwPgd(0.02) { Steps = 10 }, new Pgd(0.02) { Steps = 10, StopEarly = true }, new Bim(0.02) { Steps = 10 }, new Fab { Steps = 10 },
            new Pdpgd { Steps = 50 }];

    [Fact]
    public void An_attack_that_needs_float32_gets_it_also_as_a_part_of_another()
    {
        using var network = Convolutional();
        var (labels, rough) = (new Classifier(network, Bounds.Unit).Logits(_x).argmax(1), Rough(network));
        var (precise, usual) = (new Recorded { NeedsFloat32 = true }, new Recorded());
        new WorstOf([precise, usual]).Run(rough, _x, labels).Dispose();
        var expected = new Classifier(network, Bounds.Unit).Gradient(_x, First);
        Distance(precise.Seen!, expected).Should().BeLessThan(1e-6);
        Distance(usual.Seen!, expected).Should().BeGreaterThan(1e-5);
        rough.GradientPrecisionInUse.Should().Be(GradientPrecision.BFloat16);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_attack_that_needs_float32_gets_it_also_where_a_training_crafts_examples(bool isPart)
    {
        using var network = Convolutional();
        var (labels, rough) = (new Classifier(network, Bounds.Unit).Logits(_x).argmax(1), Rough(network));
        var (precise, usual) = (new Recorded { NeedsFloat32 = true }, new Recorded());
        if (isPart) new WorstOf([precise, usual]).Craft(new Eot(rough, 2), _x, Goal.Avoid(labels), 1).Dispose();
        else foreach (var attack in new[] { precise, usual }) attack.Craft(rough, _x, Goal.Avoid(labels), 1).Dispose();
        var expected = new Classifier(network, Bounds.Unit).Gradient(_x, First);
        Distance(precise.Seen!, expected).Should().BeLessThan(1e-6);
        Distance(usual.Seen!, expected).Should().BeGreaterThan(1e-5);
    }

    private static Tensor First(Tensor logits) => logits.select(1, 0);

    private static double Distance(Tensor a, Tensor b) => ((a - b).square().sum().sqrt() / b.square().sum().sqrt()).ToDouble();

    private static Classifier Rough(nn.Module<Tensor, Tensor> network) =>
        new(network, Bounds.Unit) { GradientPrecision = GradientPrecision.BFloat16Everywhere };

    private static Sequential Convolutional()
    {
        var network = nn.Sequential(
            ("conv", nn.Conv2d(3, 4, 3)), ("norm", nn.BatchNorm2d(4)), ("tanh", nn.Tanh()), ("flat", nn.Flatten()), ("fc", nn.Linear(4 * 36, 3)));
        using var random = new RandomSource(7);
        using var noGrad = no_grad();
        foreach (var weight in network.parameters())
            using (var start = random.Normal(weight, 0.3))
                weight.copy_(start);
        network.eval();
        return network;
    }

    /// <summary>Scales by a tensor that is neither a parameter nor a buffer, and notes number types.</summary>
    private sealed class Seen : nn.Module<Tensor, Tensor>
    {
        private readonly List<Tensor> _scales = [full(1, 2f)];
        private readonly Func<ScalarType>[] _read;

        internal Seen(params Func<ScalarType>[] read) : base(nameof(Seen))
        {
            _read = read;
            RegisterComponents();
        }

        internal List<ScalarType> Types { get; } = [];

        internal Tensor Scale => _scales[0];

        public override Tensor forward(Tensor x)
        {
            Types.AddRange([.. _read.Select(read => read()), _scales[0].dtype, x.dtype]);
            return x * _scales[0];
        }
    }

    private sealed class Attentive : nn.Module<Tensor, Tensor>
    {
        private readonly MultiheadAttention attention = nn.MultiheadAttention(4, 2);

        internal Attentive() : base(nameof(Attentive)) => RegisterComponents();

        public override Tensor forward(Tensor x) => x.alias();
    }

    /// <summary>Computes in float32 whatever the network does.</summary>
    private sealed class Whole() : nn.Module<Tensor, Tensor>(nameof(Whole))
    {
        public override Tensor forward(Tensor x) => x.to_type(ScalarType.Float32) * 2;
    }

    /// <summary>Rounds to levels by way of integers, with the gradient of the identity.</summary>
    private sealed class Levels() : nn.Module<Tensor, Tensor>(nameof(Levels))
    {
        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var levels = (x.detach() * 15).to_type(ScalarType.Int32).to_type(x.dtype) / 15;
            return (x + (levels - x).detach()).MoveToOuterDisposeScope();
        }
    }

    private sealed record Recorded : Attack
    {
        internal bool NeedsFloat32 { get; init; }

        internal Tensor? Seen { get; private set; }

        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Gradient;

        public override bool NeedsFloat32Gradients => NeedsFloat32;

        protected internal override Tensor Perturb(AttackRun run)
        {
            Seen = run.Model.Gradient(run.Original, First).DetachFromDisposeScope();
            return run.Original.clone();
        }
    }
}
