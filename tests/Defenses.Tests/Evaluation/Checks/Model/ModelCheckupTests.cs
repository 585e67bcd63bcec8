using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class ModelCheckupTests
{
    [Fact]
    public void A_masked_gradient_is_found_from_several_sides_and_the_same_each_time()
    {
        using var network = Digits.Network(("round", new Rounding(32)));
        var checkup = new ModelCheckup(0.1) { Seed = 3, Surrogate = Digits.Unprotected };
        var findings = checkup.Run(Digits.Classifier(network), Digits.Images(32));
        findings.Select(finding => finding.Title).Should()
            .Contain(["Gradients that are zero", "Square beats the attack in question", "Transferred attacks beat white-box attacks"]);
        DefenseVerdict.Of("rounded", findings).Trust.Should().NotBe(Trustworthiness.Trustworthy);
        checkup.Run(Digits.Classifier(network), Digits.Images(32)).Should().Equal(findings);
    }

    [Fact]
    public void Progress_names_each_check_before_it_runs_and_ends_with_all_done()
    {
        using var network = Digits.Network();
        var heard = new List<CheckProgress>();
        new ModelCheckup(0.1) { Checks = ModelCheck.Cheap }.Run(Digits.Classifier(network), Digits.Images(8), new Ear(heard.Add));
        heard.Select(progress => progress.Doing).Should().Equal([.. ModelCheck.Cheap.Select(check => check.Title), "done"]);
        heard.Select(progress => progress.Done).Should().BeInAscendingOrder();
        heard[^1].Should().Be(new CheckProgress("done", ModelCheck.Cheap.Count, ModelCheck.Cheap.Count));
    }

    [Fact]
    public void A_check_that_could_not_look_is_not_run_and_says_why_and_without_an_attack_none_is_trustworthy()
    {
        using var network = Digits.Network();
        var model = Digits.Classifier(network);
        var cheap = new ModelCheckup(0.1) { Checks = ModelCheck.Cheap, Seed = 1 }.Diagnose(model, Digits.Images(16));
        cheap.Checks.Select(check => check.Check).Should().BeEquivalentTo(ModelCheck.All.Select(check => check.Title));
        cheap.Checks.Where(check => check.Reason == "it attacks, and the checkup leaves it out").Should()
            .HaveCount(ModelCheck.All.Count - ModelCheck.Cheap.Count);
        (cheap.AttackedAccuracy, cheap.Verdict("mine").Trust, $"{cheap.Verdict("mine")}").Should().Be((null, Trustworthiness.NotAttacked, "not attacked"));
        var noise = new ModelCheckup(0.1) { Attack = epsilon => new Noise(epsilon), Seed = 1 }.Diagnose(model, Digits.Images(16));
        Reason(noise, ModelCheck.ZeroGradients).Should().Be("the attack follows no gradient");
        Reason(noise, ModelCheck.FixedDraw).Should().Be("the model does not draw");
        Reason(noise, ModelCheck.Transfer).Should().Be("there is no other model to transfer attacks from");
        Reason(noise, ModelCheck.BrokenCertificates).Should().Be("the model has no certificates");
        Reason(noise, ModelCheck.Logits).Should().BeNull();
    }

    [Fact]
    public void A_diagnosis_says_how_the_model_fares_under_the_attack_and_a_check_after_an_invalid_gate_is_not_run()
    {
        using var network = Digits.Network();
        var checkup = new ModelCheckup(0.1) { Attack = epsilon => new Pgd(epsilon) { Steps = 20, Restarts = 1 }, Seed = 1 };
        var found = checkup.Diagnose(Digits.Classifier(network), Digits.Images(32));
        found.Verdict("mine").Trust.Should().Be(Trustworthiness.Trustworthy);
        found.AttackedAccuracy!.MeanDraw.Trials.Should().Be(found.Accuracy!.MeanDraw.Trials).And.Be(32);
        found.AttackedAccuracy.MeanDraw.Rate.Should().BeLessThan(found.Accuracy.MeanDraw.Rate);
        found.Findings.Should().Equal(checkup.Run(Digits.Classifier(network), Digits.Images(32)));
        using var guessing = Digits.Before(nn.Softmax(1));
        var invalid = checkup.Diagnose(Digits.Classifier(guessing), Digits.Images(16));
        (invalid.Accuracy, invalid.AttackedAccuracy, invalid.Verdict("mine").Trust).Should().Be((null, null, Trustworthiness.Invalid));
        Reason(invalid, ModelCheck.Recognition).Should().Be("“Probabilities instead of logits” was found before");
        Reason(invalid, ModelCheck.NoiseAttack).Should().Be("“Probabilities instead of logits” was found before");
    }

    private static string? Reason(ModelDiagnosis diagnosis, Check check) => diagnosis.Checks.Single(result => result.Check == check.Title).Reason;

    [Fact]
    public void Bad_options_are_refused()
    {
        FluentActions.Invoking(() => new ModelCheckup(0)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new ModelCheckup(0.1) { Images = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new ModelCheckup(0.1) { Draws = 0 }).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => new ModelCheckup(0.1) { Norm = null! }).Should().Throw<ArgumentNullException>();
        FluentActions.Invoking(() => new ModelCheckup(0.1) { Attack = null! }).Should().Throw<ArgumentNullException>();
        using var network = Digits.Network();
        network.train();
        FluentActions.Invoking(() => new ModelCheckup(0.1).Run(Digits.Classifier(network), Digits.Images(8)))
            .Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
    }

    private sealed class Ear(Action<CheckProgress> hear) : IProgress<CheckProgress>
    {
        public void Report(CheckProgress value) => hear(value);
    }

    // An attack that changes nothing to speak of: what a majority of twenty draws gets wrong is fooled.
    [Theory]
    [InlineData(0.9, false)]
    [InlineData(0.1, true)]
    public void A_majority_of_the_judges_draws_decides_what_is_fooled(double right, bool fooled)
    {
        using var coin = new CoinFlip(right);
        using var x = full([4, 3], 0.5);
        using var labels = zeros(4, dtype: ScalarType.Int64);
        var checkup = new ModelCheckup(0.1) { Attack = epsilon => new Noise(epsilon), Seed = 1 };
        var context = new CheckContext(checkup, new Classifier(coin, Bounds.Unit), x, labels, [0, 1, 2, 3], 1, CancellationToken.None);
        context.FooledByAttack.Should().Equal(fooled, fooled, fooled, fooled);
    }
}
