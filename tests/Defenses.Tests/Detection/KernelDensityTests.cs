using Defenses.Detection;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

public sealed class KernelDensityTests : DetectorContract
{
    private readonly List<IDisposable> _made = [];

    public override void Dispose()
    {
        _made.ForEach(each => each.Dispose());
        base.Dispose();
    }

    protected override nn.Module<Tensor, Tensor> Network { get; } = Pixels.Network(9);

    protected override Tensor Clean { get; } = Pixels.Pictures(80, 0, 1);

    protected override Tensor Attacked { get; } = Pixels.Pictures(30, 0.25, 2);

    protected override Detector Make(ulong? seed = 1)
    {
        var training = Pixels.Pictures(150, 0, 3);
        var density = new KernelDensity(new Classifier(Network, Bounds.Unit), "hidden", training, Pixels.Labels(training), 0.1) { Seed = seed };
        _made.Add(density);
        return density;
    }

    [Fact]
    public void With_one_image_of_each_class_it_is_minus_the_logarithm_of_a_Gaussian()
    {
        float[] training = [0.1f, 0.2f, 0.9f, 0.6f], asked = [0.3f, 0.4f, 0.7f, 0.1f, 0.2f, 0.9f];
        using var density = new KernelDensity(
            new Classifier(Pixels.Network(2), Bounds.Unit), "hidden", tensor(training).view(2, 2), tensor(new long[] { 0, 1 }), 0.5);
        double Expected(double squared) => squared / (2 * 0.25) + Math.Log(2 * Math.PI * 0.25);
        Numbers.Of(density.Score(tensor(asked).view(3, 2))).Zip([Expected(0.08), Expected(0.29), Expected(0.5)], (a, b) => Math.Abs(a - b)).Max().Should()
            .BeLessThan(1e-6);
    }

    [Fact]
    public void Over_several_images_the_densities_are_averaged_and_other_classes_do_not_count()
    {
        float[] training = [0.1f, 0.2f, 0.9f];
        using var density = new KernelDensity(new Classifier(Pixels.Network(1), Bounds.Unit), "hidden", tensor(training).view(3, 1),
            tensor(new long[] { 0, 0, 1 }), 0.1);
        double Kernel(double distance) => Math.Exp(-distance * distance / 0.02) / (0.1 * Math.Sqrt(2 * Math.PI));
        density.Score(full(1, 1, 0.2)).ToDouble().Should().BeApproximately(-Math.Log((Kernel(0.1) + Kernel(0)) / 2), 1e-5);
    }

    // Classes 1, 1, 0, 1, 0: sorted by class they stand in another order, and the way back is not the way there.
    [Fact]
    public void Each_image_keeps_its_own_score_whatever_classes_stand_beside_it()
    {
        long[] Of(long label) =>
            [.. Pixels.Labels(Clean).data<long>().ToArray().Select((found, i) => (found, i)).Where(each => each.found == label).Select(each => (long)each.i)];
        var (density, dark, bright) = (Make(), Of(0), Of(1));
        var x = Clean.index_select(0, tensor(new[] { bright[0], bright[1], dark[0], bright[2], dark[1] }));
        var alone = Enumerable.Range(0, 5).Select(i => Numbers.Of(density.Score(x.narrow(0, i, 1)))[0]);
        Numbers.Of(density.Score(x)).Zip(alone, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4);
    }

    [Fact]
    public void A_random_network_runs_without_randomness()
    {
        var noisy = nn.Sequential(("noise", new Defenses.Layers.GaussianNoise(0.3)), ("rest", Pixels.Network(9)));
        noisy.eval();
        var training = Pixels.Pictures(150, 0, 3);
        using var density = new KernelDensity(new Classifier(noisy, Bounds.Unit), "rest.hidden", training, Pixels.Labels(training), 0.1);
        Numbers.Of(density.Score(Clean)).Should().Equal(Numbers.Of(Make().Score(Clean)));
    }

    [Fact]
    public void An_image_in_the_place_of_the_other_class_is_noticed()
    {
        var training = Pixels.Pictures(150, 0, 3);
        using var swapped = new KernelDensity(new Classifier(Network, Bounds.Unit), "hidden", training, 1 - Pixels.Labels(training), 0.1);
        swapped.Measure(Clean).Min().Should().BeGreaterThan(Make().Measure(Clean).Max(), "each lies where the other class was seen");
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var (training, model) = (Pixels.Pictures(30, 0, 3), new Classifier(Network, Bounds.Unit));
        var labels = Pixels.Labels(training);
        FluentActions.Invoking(() => new KernelDensity(model, "relu9", training, labels, 1)).Should().Throw<ArgumentException>().WithParameterName("layers");
        FluentActions.Invoking(() => new KernelDensity(model, null!, training, labels, 1)).Should().Throw<ArgumentNullException>().WithParameterName("layer");
        FluentActions.Invoking(() => new KernelDensity(model, "hidden", training, labels, 0)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("bandwidth");
        FluentActions.Invoking(() => new KernelDensity(model, "hidden", training, labels + 1, 1)).Should().Throw<ArgumentOutOfRangeException>()
            .WithParameterName("labels");
        FluentActions.Invoking(() => new KernelDensity(model, "hidden", training, zeros_like(labels), 1)).Should().Throw<ArgumentException>()
            .WithParameterName("labels").WithMessage("*class 1 is missing*");
        Leaks.None(() => FluentActions.Invoking(() => new KernelDensity(model, "hidden", training, labels.narrow(0, 0, 5), 1)).Should()
            .Throw<ArgumentException>(), allowed: 1);
        Leaks.None(() => new KernelDensity(model, "hidden", training, labels, 1).Dispose());
    }
}
