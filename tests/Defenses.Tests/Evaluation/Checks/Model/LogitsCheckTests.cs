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

public sealed class LogitsCheckTests : ModelCheckContract
{
    protected override ModelCheck Subject => ModelCheck.Logits;

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Before(nn.Softmax(1));

    [Fact]
    public void A_softmax_is_invalid_and_a_sigmoid_suspicious()
    {
        Severity("softmax").Should().Be(Defenses.Pages.Severity.Invalid);
        Severity("scaled softmax").Should().Be(Defenses.Pages.Severity.Invalid);
        Severity("sigmoid").Should().Be(Defenses.Pages.Severity.Warning);
        Severity("log-softmax").Should().BeNull("the logarithm of probabilities is as good as logits");
    }

    private Severity? Severity(string end)
    {
        using var network = end switch
        {
            "softmax" => Digits.Before(nn.Softmax(1)), "scaled softmax" => Digits.Before(nn.Softmax(1), new Louder(7)),
            "sigmoid" => Digits.Before(nn.Sigmoid()), _ => Digits.Before(nn.LogSoftmax(1)),
        };
        return Find(network, Checkup).SingleOrDefault()?.Severity;
    }

    [Fact]
    public void Nothing_else_is_asked_of_a_model_that_gives_probabilities()
    {
        using var network = Broken();
        var findings = new ModelCheckup(0.1).Run(Digits.Classifier(network), Digits.Images(16));
        findings.Should().ContainSingle().Which.Title.Should().Be(Subject.Title);
    }

    [Fact]
    public void Few_answers_and_logits_cut_off_at_nothing_are_let_be()
    {
        using var squashed = Digits.Before(nn.Sigmoid());
        (Checkup with { Checks = [Subject] }).Run(Digits.Classifier(squashed), Digits.Images(4)).Should()
            .BeEmpty("four answers may lie within [0, 1] by chance");
        using var cut = Digits.Before(nn.ReLU());
        Find(cut, Checkup).Should().BeEmpty("they are not squashed");
    }
}
