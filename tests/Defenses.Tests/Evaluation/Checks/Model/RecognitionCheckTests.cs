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

public sealed class RecognitionCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.Recognition;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Network(("loud", new Louder(0)));

    [Fact]
    public void Every_image_given_another_label_is_no_recognition()
    {
        using var network = Digits.Network();
        var examples = Digits.Images(32);
        var wrong = new LabeledImages(32, (first, count) =>
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
        var examples = new LabeledImages(1, (_, _) =>
        {
            var (x, labels) = Digits.Images(1).Read(0, 1);
            using (labels) using (var logits = network.call(x)) return (x, logits.argmax(1).detach());
        });
        new ModelCheckup(0.1) { Checks = [Subject] }.Run(Digits.Classifier(network), examples).Should().BeEmpty();
    }

    // Ten classes: of eight images a guess may recognise three (at least 8.5 % of them are known for sure), not five (24 %). Fewer than eight images say
    // nothing.
    [Theory]
    [InlineData(8, 3, true)]
    [InlineData(8, 5, false)]
    [InlineData(7, 1, false)]
    [InlineData(7, 0, true)]
    public void A_guess_may_recognise_a_few(int images, int right, bool fires)
    {
        using var network = Digits.Network();
        var examples = new LabeledImages(images, (first, count) =>
        {
            var (x, labels) = Digits.Images(images).Read(first, count);
            using (labels) using (var logits = network.call(x)) using (var answers = logits.argmax(1))
            using (var wrong = arange(images).ge(right).to_type(ScalarType.Int64))
                return (x, (answers + wrong).remainder(10).detach());
        });
        new ModelCheckup(0.1) { Checks = [Subject] }.Run(Digits.Classifier(network), examples).Any().Should().Be(fires);
    }
}
