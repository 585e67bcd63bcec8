using Defenses.Attacks;
using Defenses.Hardening;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using Defenses.Training;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Hardening;

public sealed class AdversarialTrainingTests
{
    [Fact]
    public void A_plain_linear_model_leans_on_the_fragile_feature_and_an_adversarially_trained_one_on_the_robust_alone()
    {
        using var task = new TwoFeatures();
        var (plainFirst, plainSecond) = task.Learn(new CrossEntropyObjective(), TwoFeatures.Long);
        plainSecond.Should().Be(1);
        plainFirst.Should().BeLessThan(0.1, "only then is 0.1·second above the first where they disagree, and every example right");
        var (first, second) = task.Learn(new AdversarialTraining(new Fgsm(TwoFeatures.Epsilon), TwoFeatures.Bounds));
        first.Should().Be(1);
        second.Should().BeInRange(-0.15, 0.15, "within ε = 0.2 a weight on the second feature, 0.1, can only lose");
    }

    [Fact]
    public void The_loss_is_the_worst_within_the_ball_in_closed_form()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data();
        using var random = new RandomSource(1);
        var (loss, _) = new AdversarialTraining(new Fgsm(0.1), Bounds.Unit).Compute(model, x, labels, random);
        var difference = (model.Weight[1] - model.Weight[0]).detach();
        var logits = model.call(x).detach();
        var lead = (logits.select(1, 1) - logits.select(1, 0)) * (labels * 2 - 1) - 0.1 * difference.abs().sum();
        loss.ToDouble().Should().BeApproximately((1 + (-lead).exp()).log().mean().ToDouble(), 1e-5);
    }

    [Theory]
    [InlineData(11, 0.3, 3)]
    [InlineData(100, 0.29, 29)]   // though 0.29·100 is a little below 29
    [InlineData(4, 0, 0)]
    [InlineData(4, 1, 4)]
    public void Exactly_the_first_share_of_a_batch_is_attacked(int images, double share, int attacked)
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(images);
        using var random = new RandomSource(1);
        var (_, logits) = AdversarialTraining.MixedFgsm(0.1, Bounds.Unit, share).Compute(model, x, labels, random);
        var moved = (logits.detach() - model.call(x).detach()).abs().sum(1).data<float>().ToArray();
        moved[..attacked].All(change => change > 0.01).Should().BeTrue();
        moved[attacked..].All(change => change == 0).Should().BeTrue();
    }

    [Theory]
    [InlineData(0.5, 0.05, 0.02)]
    [InlineData(0.5, 0.25, 0.1)]
    [InlineData(0.5, 0.5, 0.2)]
    [InlineData(0.5, 0.51, 0.2)]
    [InlineData(0.5, 1, 0.2)]
    [InlineData(1, 0.75, 0.15)]
    [InlineData(0, 0.01, 0.2)]
    public void Epsilon_grows_in_a_straight_line_over_the_ramp_and_stays(double ramp, double progress, double epsilon)
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data();
        var objective = new AdversarialTraining(budget => new Fgsm(budget), 0.2, Bounds.Unit, ramp) { Share = 0.5 };
        var alone = new AdversarialTraining(new Fgsm(epsilon), Bounds.Unit) { Share = 0.5 };
        Logits(objective.At(progress)).Should().Equal(Logits(alone));
        Logits(new GaussianAugmentation(0.1, objective).At(progress)).Should().Equal(Logits(new GaussianAugmentation(0.1, alone)), "it is asked inside");

        IEnumerable<double> Logits(TrainingObjective of)
        {
            using var random = new RandomSource(1);
            return Numbers.Of(of.Compute(model, x, labels, random).Logits).Select(value => Math.Round(value, 6));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void The_attack_takes_the_draws_of_its_options_and_the_training_one(int draws)
    {
        using var scope = NewDisposeScope();
        using var memory = new Memory();
        using var network = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.01)), ("memory", memory),
            ("linear", new LinearModel(inputs: 6, classes: 2)));
        using var random = new RandomSource(1);
        network.train();
        new AdversarialTraining(new Pgd(0.1) { Steps = 3, Restarts = 1 }, Bounds.Unit) { Draws = draws }.Compute(network, full([4, 6], 0.5),
            zeros(4, dtype: ScalarType.Int64), random);
        memory.Seen[..^1].Sum(batch => batch.Length / 6).Should().BeInRange(4 * 3 * draws, 4 * 5 * draws);
        memory.Seen[^1].Should().HaveCount(4 * 6);
        memory.Trained.Should()
            .Equal([.. Enumerable.Repeat(false, memory.Seen.Count - 1), true], "it attacks a network in evaluation mode and trains one in training mode");
    }

    [Fact]
    public void The_attack_draws_from_the_stream_of_the_step()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel(classes: 2);
        var (x, labels) = model.Data(8);
        double[] Logits(ulong seed)
        {
            using var random = new RandomSource(seed);
            return Numbers.Of(new AdversarialTraining(new Pgd(0.1) { Steps = 1, StepSize = 0.01, Restarts = 1, Seed = 9 }, Bounds.Unit)
                .Compute(model, x, labels, random).Logits);
        }
        Logits(1).Should().Equal(Logits(1)).And.NotEqual(Logits(2));
    }

    [Fact]
    public void The_presets_are_those_of_their_papers()
    {
        AdversarialTraining.Madry(0.3, Bounds.Unit).ToString().Should()
            .Contain("Pgd {").And.Contain(" Epsilon = 0.3,").And.Contain(" Steps = 7,").And.Contain(" StepSize = 0.075,").And.Contain(" Restarts = 1,")
            .And.Contain(" RandomStart = True").And.Contain("a share of 1 ");
        AdversarialTraining.MixedFgsm(0.3, Bounds.Unit).ToString().Should().Contain("Fgsm {").And.Contain(" Epsilon = 0.3").And.Contain("a share of 0.3 ");
        new Trades(0.3, Bounds.Unit).ToString().Should().Contain("6·KL within 0.3 in Linf by 10 steps of 0.075 ");
    }

    [Fact]
    public void Probabilities_as_labels_are_attacked_at_their_largest_class()
    {
        using var scope = NewDisposeScope();
        using var model = new LinearModel();
        var (x, labels) = model.Data();
        using var random = new RandomSource(1);
        var objective = new AdversarialTraining(new Fgsm(0.1), Bounds.Unit);
        var (_, byClass) = objective.Compute(model, x, labels, random);
        var (_, byProbability) = objective.Compute(model, x, nn.functional.one_hot(labels, 4).to_type(ScalarType.Float32) * 0.7 + 0.075, random);
        Numbers.Of(byProbability).Should().Equal(Numbers.Of(byClass));
    }

    [Theory]
    [InlineData("Madry")]
    [InlineData("Trades")]
    [InlineData("MixedFgsm")]
    public void Robust_accuracy_on_digits_rises(string name)
    {
        TrainingObjective objective = name switch
        {
            "Madry" => AdversarialTraining.Madry(Epsilon, Bounds.Unit, steps: 4),
            "Trades" => new Trades(Epsilon, Bounds.Unit) { Steps = 4 },
            _ => AdversarialTraining.MixedFgsm(Epsilon, Bounds.Unit, share: 0.5),
        };
        var (robust, plain) = (Accuracy(objective), s_plain.Value);
        robust.Should().BeGreaterThan(plain + 4 * Math.Sqrt(0.5 / Images), "more of the test images are recognised under PGD than randomness explains");
    }

    private const double Epsilon = 0.05;

    private const int Images = 300;

    private static readonly Lazy<double> s_plain = new(() => Accuracy(new CrossEntropyObjective()));

    private static double Accuracy(TrainingObjective objective)
    {
        using var train = SyntheticDigits.Train(1000);
        using var test = SyntheticDigits.Test(Images);
        using var network = nn.Sequential(("flatten", nn.Flatten()), ("hidden", Nets.Linear(784, 64, 1)), ("relu", nn.ReLU()), ("out", Nets.Linear(64, 10, 2)));
        var options = new TrainingOptions { Epochs = 8, BatchSize = 50, Seed = 1, Update = new SgdUpdate { Rate = LearningRate.Constant(0.05) } };
        new Trainer(options, objective).Run(network, train);
        return new RobustAccuracy(new Pgd(Epsilon) { Steps = 10, StepSize = Epsilon / 4, Restarts = 1 }, Bounds.Unit).Measure(network, test, 3, default);
    }
}
