using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>Networks as users have them take every layer, are attacked and judged with it, and are as before afterwards.</summary>
public sealed class VisionModelTests
{
    public static TheoryData<string> Names => VisionModel.Names;

    [Theory, MemberData(nameof(Names))]
    public void Every_layer_goes_in_runs_can_be_attacked_and_comes_out_again(string name)
    {
        using var model = VisionModel.All[name].New();
        using var images = rand(2, 3, VisionModel.All[name].Side, VisionModel.All[name].Side);
        var (keys, modules, outputs) = (model.state_dict().Keys.ToArray(), Structure(model), Output(model, images));
        foreach (var (order, put) in VisionModel.Orders)
        {
            using (var report = put(model, images))
            {
                report.Layers.Should().NotBeEmpty().And.OnlyContain(layer => layer.Calls > 0, order);
                report.Warnings.Should().BeEmpty(order);
                double.IsFinite(report.OutputChange).Should().BeTrue(order);
                model.state_dict().Keys.Should().Equal(keys, order);
                if (order is "GaussianNoise" or "JumpReLU") Attack(model, images);
            }
            Structure(model).Should().Equal(modules, order);
            Output(model, images).Should().Equal(outputs, order);
        }
    }

    [Fact]
    public void A_layer_goes_to_each_place_and_a_second_time_no_tensor_is_left()
    {
        using var model = VisionModel.All["mobilenet_v3_small"].New();
        using var images = rand(1, 3, 32, 32);
        using (var report = model.Replace<ReLU6>(_ => new JumpReLU(0.1), images)) report.Layers.Should().HaveCount(9);
        using (var report = model.InsertAfter<Hardswish>(_ => new RandomSpiking(), images)) report.Layers.Should().HaveCount(19);
        using (var report = model.InsertBefore<Conv2d>(_ => new GaussianNoise(0.1), images)) report.Layers.Should().HaveCount(52);
        Leaks.None(() =>
        {
            using var replaced = model.Replace<ReLU6>(_ => new JumpReLU(0.1), images);
            using var noise = model.InsertBefore<Conv2d>(_ => new GaussianNoise(0.1), images);
        });
    }

    [Fact]
    public void A_mobilenet_has_no_ReLU_and_the_error_names_what_it_has()
    {
        using var model = VisionModel.All["mobilenet_v2"].New();
        using var images = rand(1, 3, 32, 32);
        FluentActions.Invoking(() => model.ReplaceReLU(_ => new JumpReLU(0.1), images)).Should().Throw<InvalidOperationException>()
            .WithMessage("*Its activations are ReLU6 (35): Replace<ReLU6>*");
    }

    private static void Attack(Module model, Tensor images)
    {
        using var scope = NewDisposeScope();
        var labels = tensor([1L, 2L]);
        var classifier = new Classifier(model, Bounds.Unit);
        var attack = new Pgd(8 / 255d) { Steps = 2, Restarts = 1, Seed = 1 };
        using var result = attack.Run(model.IsRandom() ? new Eot(classifier, 2) : classifier, images, labels);
        (result.Adversarial - images).abs().max().ToDouble().Should().BeInRange(1e-4, 8 / 255d + 1e-6);
        new Judge(2) { Seed = 1 }.Measure(classifier, result.Adversarial, labels).Met.Should().HaveCount(2);
    }

    private static float[] Output(Module model, Tensor images)
    {
        using var noGrad = no_grad();
        using var output = model.call(images);
        return output.data<float>().ToArray();
    }

    private static IReadOnlyList<(string, int)> Structure(Module model) =>
        [.. model.named_modules().Select(entry => (entry.name, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(entry.module)))];
}
