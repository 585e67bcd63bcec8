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
        findings.Select(finding => finding.Title).Should().Contain(["Gradients that are zero", "Attacks without gradients beat white-box attacks", "Transferred attacks beat white-box attacks"]);
        DefenseVerdict.Of("rounded", findings).Trust.Should().NotBe(Trust.Trustworthy);
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
    public void Every_check_on_models_is_in_the_list_and_titles_differ()
    {
        var types = typeof(ModelCheck).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ModelCheck)) && !type.IsAbstract);
        ModelCheck.All.Select(check => check.GetType()).Should().BeEquivalentTo(types);
        ModelCheck.All.Select(check => check.Title).Should().OnlyHaveUniqueItems();
    }

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
        FluentActions.Invoking(() => new ModelCheckup(0.1).Run(Digits.Classifier(network), Digits.Images(8))).Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
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
        new CheckSubject(checkup, new Classifier(coin, Bounds.Unit), x, labels, [0, 1, 2, 3], 1, CancellationToken.None).UsuallyFooled.Should().Equal(fooled, fooled, fooled, fooled);
    }
}
