using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class SwitchedOffCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.SwitchedOff;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("defense", new TrainingOnly(random: true)));

    [Fact]
    public void A_layer_of_the_library_that_draws_in_training_only_is_suspicious()
    {
        using var network = Digits.Network(("noise", new GaussianNoise(0.1) { ActiveIn = Phases.Training }));
        Find(network, Checkup).Single().Severity.Should().Be(Severity.Warning);
    }

    [Fact]
    public void A_change_without_chance_counts_too_unless_the_module_learns_as_batch_norm_does()
    {
        using var shift = Digits.Network(("defense", new TrainingOnly(random: false)));
        Find(shift, Checkup).Should().ContainSingle().Which.Reason.Should().Contain("TrainingOnly at \u0027defense\u0027");
        using var mean = zeros(1);
        using var learning = Digits.Network(("norm", new TrainingOnly(random: false, withBuffer: true).With(mean.clone())));
        Find(learning, Checkup).Should().BeEmpty();
        learning.buffers().Single().sum().ToDouble().Should().Be(0, "what the pass in training mode changed is put back");
    }

    [Fact]
    public void Plain_dropout_is_a_note_and_only_where_nothing_else_protects_the_model()
    {
        using var plain = Digits.Network(("dropout", new DefensiveDropout(0.3) { ActiveIn = Phases.Training }));
        Find(plain, Checkup).Single().Severity.Should().Be(Severity.Note);
        Find(plain, Checkup with { IsDefense = false }).Should().BeEmpty();
        using var noisy = Digits.Network(("dropout", new DefensiveDropout(0.3) { ActiveIn = Phases.Training }), ("noise", new GaussianNoise(0.1)));
        Find(noisy, Checkup).Should().BeEmpty();
    }

    [Fact]
    public void Chance_in_training_counts_also_in_a_module_that_learns()
    {
        using var mean = zeros(1);
        using var network = Digits.Network(("defense", new TrainingOnly(random: true, withBuffer: true).With(mean.clone())));
        Find(network, Checkup).Should().ContainSingle().Which.Severity.Should().Be(Severity.Warning);
    }

    [Fact]
    public void Dropout_may_rest_beside_a_defense_without_chance()
    {
        using var network = Digits.Network(("dropout", new DefensiveDropout(0.3) { ActiveIn = Phases.Training }), ("jump", new JumpReLU(0.01)));
        Find(network, Checkup).Should().BeEmpty();
    }
}
