using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class RecognitionCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => new RecognitionCheck();

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("loud", new Louder(0)));

    [Fact]
    public void Every_image_given_another_label_is_no_recognition()
    {
        using var network = Digits.Network();
        var examples = Digits.Images(32);
        var wrong = new Examples(32, (first, count) =>
        {
            var (x, labels) = examples.Read(first, count);
            using (labels) return (x, (labels + 1).remainder(10));
        });
        new ModelCheckup(0.1) { Checks = [Subject] }.Run(Digits.Classifier(network), wrong).Single().Severity.Should().Be(Severity.Invalid);
    }

    [Fact]
    public void One_recognised_image_of_one_is_recognition()
    {
        using var network = Digits.Network();
        var examples = new Examples(1, (_, _) =>
        {
            var (x, labels) = Digits.Images(1).Read(0, 1);
            using (labels) using (var logits = network.call(x)) return (x, logits.argmax(1).detach());
        });
        new ModelCheckup(0.1) { Checks = [Subject] }.Run(Digits.Classifier(network), examples).Should().BeEmpty();
    }
}
