using Defenses.Attacks;
using Defenses.Certification;
using Defenses.Detection;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Inference;
using Defenses.Layers;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Tests.Detection;
using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Images and weights of other number types, shapes and channels: the right numbers, or a sentence with the cure.</summary>
public sealed class NumberTypesTests : IDisposable
{
    private static readonly Attack[] s_rooms =
    [
        new Pgd(0.35) { Steps = 5, Seed = 1 }, new Apgd(0.35) { Steps = 5, Seed = 1 }, new DeepFool { Seed = 1 }, new Fab { Steps = 5, Restarts = 1, Seed = 1 },
        new CarliniWagner { Steps = 20, SearchSteps = 2, Seed = 1 }, new Square(0.35) { Candidates = 50, Seed = 1 }, new Nes(0.35) { Steps = 3, Seed = 1 },
        new HopSkipJump { Steps = 2, Seed = 1 }, new Noise(0.35) { Seed = 1 },
    ];

    private static readonly Dictionary<string, Action<Classifier, Tensor, Tensor>> s_entries = new()
    {
        ["attack"] = (model, x, labels) => new Pgd(0.1) { Steps = 2 }.Run(model, x, labels).Dispose(),
        ["attack without gradients"] = (model, x, labels) => new Square(0.1) { Candidates = 5 }.Run(model, x, labels).Dispose(),
        ["judge"] = (model, x, labels) => new Judge(3).Measure(model, x, labels),
        ["evaluation"] = (model, x, labels) =>
            new RobustnessEvaluation([new("model", model)], [new("noise", epsilon => new Noise(epsilon))], [0.1]).Run(LabeledImages.From(x, labels)),
        ["checkup"] = (model, x, labels) => new ModelCheckup(0.1).Run(model, LabeledImages.From(x, labels)),
        ["divergence"] = (model, x, _) => new DivergenceDetector(model, Still()).Measure(x),
        ["density"] = (model, x, labels) => new KernelDensity(model, "hidden", x, labels, 1).Measure(x),
        ["stability"] = (model, x, _) => PredictionStability.UnderNoise(model, x, 0.1),
        ["deviation"] = (model, x, labels) => GradientDeviation.Measure(model, x, Goal.Avoid(labels), 2),
        ["smoothing"] = (model, x, _) => new RandomizedSmoothing(model, 0.1) { EstimationDraws = 10 }.Certify(x),
        ["votes"] = (model, x, _) => MonteCarlo.Vote(model, x, 3).Dispose(),
        ["logits"] = (model, x, _) => model.Logits(x).Dispose(),
    };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = Pixels.Pictures(8, 0.01, 3), _labels;

    public NumberTypesTests() => _labels = (_x.flatten(1).select(1, 0) > 0.5).to_type(ScalarType.Int64);

    public void Dispose() => _scope.Dispose();

    public static TheoryData<string> Entries => [.. s_entries.Keys];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Images_of_another_type_than_the_weights_are_refused_with_the_conversion(string entry) =>
        ((Action)(() => s_entries[entry](new Classifier(Pixels.Network(9), Bounds.Unit), _x.to_type(ScalarType.Float64), _labels)))
            .Should().Throw<ArgumentException>().WithMessage("*Float32*Float64*to_type(ScalarType.Float32)*network.to(ScalarType.Float64)*");

    [Theory]
    [MemberData(nameof(Entries))]
    public void A_network_that_mixes_rows_is_refused_with_both_shapes(string entry)
    {
        using var last = nn.Linear(9, 2);
        last.eval();
        var colour = cat([_x, _x, _x], 1);
        ((Action)(() => s_entries[entry](new Classifier(new Mixing(last), Bounds.Unit), colour, _labels)))
            .Should().Throw<InvalidOperationException>().WithMessage("*for a batch of * it gave (*, 2)*");
    }

    [Fact]
    public void Training_refuses_images_of_another_type_than_the_weights()
    {
        using var network = Pixels.Network(9);
        var data = new TensorData(_x.to_type(ScalarType.Float64), _labels);
        ((Action)(() => new Trainer(new TrainingOptions { Epochs = 1 }).Run(network, data)))
            .Should().Throw<ArgumentException>().WithMessage("*Float32*Float64*to_type*");
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Weights_of_16_bits_take_images_of_32_bits_and_give_logits_of_32_bits(ScalarType type)
    {
        var (whole, half) = (new Classifier(Pixels.Network(9), Bounds.Unit), new Classifier(Half(type), Bounds.Unit));
        half.Logits(_x).dtype.Should().Be(ScalarType.Float32);
        (half.Logits(_x) - whole.Logits(_x)).abs().max().ToDouble().Should().BeLessThan(0.1);
        new Judge(3).Measure(half, _x, _labels).Accuracy.MeanDraw.Rate.Should().Be(1);
        foreach (var attack in s_rooms)
        {
            using var result = attack.Run(half, _x, _labels);
            using var expected = attack.Run(whole, _x, _labels);
            result.Adversarial.dtype.Should().Be(ScalarType.Float32);
            result.Met.sum().ToInt64().Should().BeCloseTo(expected.Met.sum().ToInt64(), 2, $"{attack}");
            var judged = new Judge(1).Measure(half, result.Adversarial, _labels).Met.Select(met => met == 1);
            judged.Should().Equal(result.Met.data<bool>().ToArray(), $"{attack}");
        }
        new DivergenceDetector(half, Still()).Measure(_x).Should().OnlyContain(score => score >= 0 && score <= 0.7);
        new KernelDensity(half, "hidden", _x, _labels, 1).Measure(_x).Should().OnlyContain(score => double.IsFinite(score));
        PredictionStability.UnderNoise(half, _x, 0.01, _labels).Accuracy!.Rate.Should().Be(1);
        using var voting = new VotingNetwork(nn.Sequential(("noise", new GaussianNoise(0.01)), ("network", Half(type))), 101);
        voting.eval();
        new Classifier(voting, Bounds.Unit).Logits(_x).argmax(1).eq(_labels).all().ToBoolean().Should().BeTrue();
    }

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Images_of_16_bits_are_refused_with_the_conversion(ScalarType type)
    {
        foreach (var (name, entry) in s_entries.Where(found => found.Key is not ("logits" or "votes")))
            ((Action)(() => entry(new Classifier(Half(type), Bounds.Unit), _x.to_type(type), _labels)))
                .Should().Throw<ArgumentException>(name).WithMessage("*Float32 or Float64*to_type(ScalarType.Float32)*");
    }

    [Fact]
    public void Normalization_refuses_images_of_other_channels()
    {
        var normalize = Preprocessing.Normalize([0.1, 0.2, 0.3], [1, 1, 1]);
        ((Action)(() => normalize(_x))).Should().Throw<ArgumentException>().WithMessage("*3 channels*(8, 1, 3, 3)*repeat(1, 3, 1, 1)*");
        ((Action)(() => normalize(_x.flatten(1)))).Should().Throw<ArgumentException>().WithMessage("*3 channels*(8, 9)*");
        ((Action)(() => normalize(cat([_x, _x], 1)))).Should().Throw<ArgumentException>().WithMessage("*3 channels*(8, 2, 3, 3)*");
        normalize(cat([_x, _x, _x], 1)).shape.Should().Equal(8, 3, 3, 3);
        Preprocessing.Normalize([0.1], [2])(_x.flatten(1)).shape.Should().Equal(8, 9);
    }

    [Fact]
    public void A_preprocessing_that_changes_the_number_of_images_is_refused_with_both_shapes()
    {
        var mean = zeros(5, 1, 1, 1);
        var model = new Classifier(Pixels.Network(9), Bounds.Unit, x => x - mean);
        ((Action)(() => model.Logits(_x.narrow(0, 0, 1)))).Should().Throw<ArgumentException>().WithMessage("*(1, 1, 3, 3)*(5, 1, 3, 3)*");
    }

    private static Sequential Half(ScalarType type) => Pixels.Network(9).to(type);

    private static Reformer Still()
    {
        var reformer = new Reformer(nn.Identity(), Bounds.Unit);
        reformer.eval();
        return reformer;
    }

    private sealed class Mixing : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> hidden;
        private readonly Linear last;

        internal Mixing(Linear last) : base(nameof(Mixing))
        {
            (hidden, this.last) = (nn.ReLU(), last);
            RegisterComponents();
            eval();
        }

        public override Tensor forward(Tensor x) => last.call(hidden.call(x.view(-1, 9)));
    }
}
