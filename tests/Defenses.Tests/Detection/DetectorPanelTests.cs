using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class DetectorPanelTests : DetectorContract
{
    private readonly Checkers.Gullible _network = new();
    private readonly nn.Module<Tensor, Tensor> _blur = Checkers.AutoEncoder();
    private readonly Reformer _reformer = new(Checkers.AutoEncoder(), Bounds.Unit);
    private readonly Tensor _validation = Checkers.Pictures(100, 0, 7);

    protected override nn.Module<Tensor, Tensor> Network => _network;

    protected override Tensor Clean { get; } = Checkers.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Checkers.Pictures(30, 0.1, 2);

    private Detector[] Two => [new ReconstructionDetector(_blur, Bounds.Unit), new DivergenceDetector(_network.Model, _reformer)];

    protected override Detector Make(ulong? seed = 1) => DetectorPanel.Calibrate(Two, _validation, 0.02, seed);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.01, 1)]
    [InlineData(0.05, 5)]
    public void Each_detector_calls_the_given_share_of_the_validation_images_attacked(double rate, int alarms)
    {
        foreach (var member in DetectorPanel.Calibrate(Two, _validation, rate).Members)
            member.Detector.Measure(_validation).Count(score => score > member.Threshold).Should().Be(alarms);
    }

    [Fact]
    public void It_fires_where_one_of_them_does()
    {
        var panel = DetectorPanel.Calibrate(Two, _validation, 0.05);
        var x = cat([Clean, Attacked, Checkers.Pictures(20, 0.03, 4)]);
        var each = panel.Members.Select(member => member.Detector.Measure(x).Select(score => (score - member.Threshold) / member.Scale).ToArray()).ToArray();
        var expected = each[0].Zip(each[1], Math.Max).ToArray();
        Numbers.Of(panel.Score(x)).Zip(expected, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-3);
        panel.Fires(x).data<bool>().ToArray().Should().Equal(panel.Score(x).data<float>().ToArray().Select(score => score > 0));
        panel.Fires(x).data<bool>().ToArray().Where((fires, i) => Math.Abs(expected[i]) > 1e-3 && fires != expected[i] > 0).Should().BeEmpty();
    }

    [Fact]
    public void A_score_that_equals_the_threshold_passes_and_the_scale_is_the_deviation_of_clean_scores()
    {
        var some = _validation.narrow(0, 0, 20);
        var panel = DetectorPanel.Calibrate([new ReconstructionDetector(_blur, Bounds.Unit)], some, 0);
        panel.Fires(some).any().ToBoolean().Should().BeFalse("the threshold is the largest of these very scores");
        var scores = panel.Members[0].Detector.Measure(some);
        panel.Members[0].Scale.Should().BeApproximately(Math.Sqrt(scores.Average(score => Math.Pow(score - scores.Average(), 2))), 1e-9);
    }

    [Fact]
    public void MagNet_refuses_the_far_and_reforms_the_near()
    {
        var panel = DetectorPanel.Calibrate([new ReconstructionDetector(_blur, Bounds.Unit)], _validation, 0.05);
        var magnet = new MagNet(_network.Model, _reformer, panel);
        var dark = Checkers.Pictures(10, 0, 8, noise: 0.001) * 0.2;
        var slight = dark + Checkers.Pattern() * 0.02;
        var strong = dark + 0.3 + Checkers.Pattern() * 0.2;
        magnet.Classify(dark).data<long>().ToArray().Should().OnlyContain(label => label == 0);
        magnet.Classify(slight).data<long>().ToArray().Should().OnlyContain(label => label == 0);
        magnet.Classify(strong).data<long>().ToArray().Should().OnlyContain(label => label == -1);
        Numbers.Of(magnet.Model.Logits(strong)).Should().Equal(Numbers.Of(_network.call(_reformer.call(strong))));
        _network.Model.Logits(strong).argmax(1).data<long>().ToArray().Should().OnlyContain(label => label == 1, "unreformed it is fooled");
        magnet.Model.Logits(strong).argmax(1).data<long>().ToArray().Should().OnlyContain(label => label == 0);
        Leaks.None(() => magnet.Classify(strong).Dispose());
    }

    [Fact]
    public void The_reformer_stands_in_front_of_what_prepares_images()
    {
        var model = new Classifier(_network, Bounds.Unit, Preprocessing.Normalize([0.2], [0.5]));
        var panel = DetectorPanel.Calibrate(Two, _validation, 0.05);
        var x = Checkers.Pictures(3, 0.1, 9);
        Numbers.Of(new MagNet(model, _reformer, panel).Model.Logits(x)).Should().Equal(Numbers.Of(_network.call((_reformer.call(x) - 0.2) / 0.5)));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var wide = new ReconstructionDetector(_blur, new Bounds(-1, 1));
        FluentActions.Invoking(() => new DetectorPanel([])).Should().Throw<ArgumentException>().WithParameterName("members");
        FluentActions.Invoking(() => new DetectorPanel([new(Two[0], 1), new(wide, 1)])).Should().Throw<ArgumentException>().WithParameterName("members");
        FluentActions.Invoking(() => new PanelMember(Two[0], double.NaN)).Should().Throw<ArgumentException>().WithParameterName("threshold");
        FluentActions.Invoking(() => new PanelMember(Two[0], 1, 0)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("scale");
        FluentActions.Invoking(() => DetectorPanel.Calibrate(Two, _validation, 1)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("falsePositiveRate");
        FluentActions.Invoking(() => DetectorPanel.Calibrate(Two, _validation * 9, 0.1)).Should().Throw<ArgumentException>().WithParameterName("clean");
        FluentActions.Invoking(() => new MagNet(_network.Model, _reformer, new DetectorPanel([new(wide, 1)]))).Should().Throw<ArgumentException>()
            .WithParameterName("detectors");
        FluentActions.Invoking(() => new MagNet(_network.Model, new Reformer(_blur, new Bounds(0, 2)), (DetectorPanel)Make())).Should()
            .Throw<ArgumentException>().WithParameterName("reformer");
        FluentActions.Invoking(() => _reformer.call(ones(3))).Should().Throw<ArgumentException>().WithParameterName("input");
    }
}
