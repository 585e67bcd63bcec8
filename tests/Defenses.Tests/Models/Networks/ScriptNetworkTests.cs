using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class ScriptAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model) =>
        new(ScriptArchive.Linear(Numbers.Normal([12, 4], ScalarType.Float64, seed: 4), Numbers.Normal([4], ScalarType.Float64)), Bounds.Unit);
}

public sealed class NoiseBeforeScriptAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model)
    {
        var script = ScriptArchive.Linear(Numbers.Normal([12, 4], ScalarType.Float64, seed: 4), Numbers.Normal([4], ScalarType.Float64));
        var network = nn.Sequential(("noise", new GaussianNoise(0.01)), ("network", new ScriptNetwork(script)));
        network.Reseed(3);
        network.eval();
        return new Classifier(network, Bounds.Unit);
    }
}

public sealed class ScriptNetworkTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _weight = Numbers.Normal([12, 4], ScalarType.Float64, seed: 4);
    private readonly Tensor _bias = Numbers.Normal([4], ScalarType.Float64);
    private readonly Tensor _x = Numbers.Uniform([6, 12], ScalarType.Float64, seed: 8);
    private readonly Tensor _labels = zeros(6, ScalarType.Int64);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_script_answers_and_is_attacked_as_the_module_is()
    {
        using var script = ScriptArchive.Linear(_weight, _bias);
        var module = new Classifier(x => _bias.addmm(x.flatten(1), _weight), Bounds.Unit, []);
        var labels = module.Logits(_x).argmax(1);
        foreach (var attack in new Attack[] { new Pgd(0.05) { Seed = 1 }, new DeepFool { Seed = 1 }, new Square(0.05) { Seed = 1, Candidates = 50 } })
        {
            using var ours = attack.Run(new Classifier(script, Bounds.Unit), _x, labels);
            using var others = attack.Run(module, _x, labels);
            (ours.Adversarial - others.Adversarial).abs().max().ToDouble().Should().BeLessThan(1e-9);
        }
    }

    [Fact]
    public void A_run_leaves_modes_flags_and_gradients_of_a_script_as_they_were()
    {
        using var script = ScriptArchive.Linear(_weight, _bias);
        script.parameters().First().requires_grad = false;
        var model = new Classifier(script, Bounds.Unit);
        new Pgd(0.05) { Steps = 2 }.Run(model, _x, model.Logits(_x).argmax(1)).Dispose();
        script.training.Should().BeFalse();
        script.parameters().Select(parameter => parameter.requires_grad).Should().Equal(false, true);
        script.parameters().Select(parameter => parameter.grad).Should().AllSatisfy(gradient => gradient.Should().BeNull());
        Numbers.Of(script.parameters().First()).Should().Equal(Numbers.Of(_weight));
    }

    [Fact]
    public void A_script_in_training_mode_is_refused_until_it_is_evaluated()
    {
        using var script = ScriptArchive.Linear(_weight, _bias, trains: true);
        var model = new Classifier(script, Bounds.Unit);
        var labels = zeros(6, ScalarType.Int64);
        ((Action)(() => new Fgsm(0.1).Run(model, _x, labels))).Should().Throw<InvalidOperationException>().WithMessage("*training mode*eval()*");
        script.training.Should().BeTrue();
        script.eval();
        new Fgsm(0.1).Run(model, _x, labels).Dispose();
    }

    [Fact]
    public void A_frozen_script_has_no_mode_and_is_taken()
    {
        using var script = ScriptArchive.Linear(_weight, _bias, isFrozen: true);
        script.training.Should().BeTrue("torch says so of a module without a mode");
        new Fgsm(0.1).Run(new Classifier(script, Bounds.Unit), _x, zeros(6, ScalarType.Int64)).Dispose();
    }

    [Fact]
    public void A_part_of_a_script_that_trains_is_found_and_its_mode_is_kept()
    {
        using var script = ScriptArchive.Linear(_weight, _bias, partTrains: true);
        script.training.Should().BeFalse();
        var model = new Classifier(script, Bounds.Unit);
        for (var time = 0; time < 2; time++)
            ((Action)(() => new Judge(2).Measure(model, _x, zeros(6, ScalarType.Int64)))).Should().Throw<InvalidOperationException>()
                .WithMessage("*training mode*eval()*");
        script.eval();
        new Judge(2).Measure(model, _x, zeros(6, ScalarType.Int64));
        using var still = ScriptArchive.Linear(_weight, _bias, partTrains: false);
        Numbers.LeaveNothing(() => new Judge(2).Measure(new Classifier(still, Bounds.Unit), _x, _labels));
    }

    [Fact]
    public void Layers_around_a_script_answer_as_around_the_module()
    {
        using var script = ScriptArchive.Linear(_weight, _bias);
        var images = Numbers.Uniform([6, 3, 2, 2], ScalarType.Float64, seed: 5);
        nn.Module<Tensor, Tensor>[] before = [new GaussianNoise(0.1), new JpegCompression(80), new BitDepthReduction(3), new JumpReLU(0.4)];
        foreach (var layer in before)
        {
            var after = new JumpReLU(0.2);
            using var scripted = nn.Sequential(("layer", layer), ("network", new ScriptNetwork(script)), ("after", after));
            scripted.eval();
            scripted.Reseed(4);
            var module = new Classifier(x => after.call(_bias.addmm(layer.call(x).flatten(1), _weight)), Bounds.Unit, [scripted]);
            foreach (var view in new[] { AttackerView.WithoutRandomness, AttackerView.FixedDraw, AttackerView.StraightThrough })
            {
                if (view == AttackerView.StraightThrough && layer is GaussianNoise) continue;   // fresh draws differ
                var ours = view.Of(new Classifier(scripted, Bounds.Unit)).Gradient(images, logits => Loss.Margin.Value(logits, Goal.Avoid(_labels)));
                var others = view.Of(module).Gradient(images, logits => Loss.Margin.Value(logits, Goal.Avoid(_labels)));
                (ours - others).abs().max().ToDouble().Should().BeLessThan(1e-9, $"{layer.GetType().Name}, {view}");
            }
        }
    }

    [Fact]
    public void Layers_stand_before_and_after_a_script()
    {
        using var script = ScriptArchive.Linear(_weight, _bias);
        using var network = nn.Sequential(("noise", new GaussianNoise(0.05)), ("network", new ScriptNetwork(script)));
        network.eval();
        var model = new Classifier(new VotingNetwork(network, 5), Bounds.Unit);
        model.IsRandom.Should().BeTrue();
        using var result = new Pgd(0.1) { Steps = 2, Seed = 1 }.Run(new StraightThrough(model), _x, zeros(6, ScalarType.Int64));
        result.Adversarial.shape.Should().Equal(_x.shape);
    }

    [Fact]
    public void A_retrofit_inside_a_script_is_refused_with_the_way_out()
    {
        using var script = ScriptArchive.Linear(_weight, _bias);
        using var network = nn.Sequential(("network", new ScriptNetwork(script)));
        network.eval();
        ((Action)(() => network.ReplaceReLU(_ => new JumpReLU(0.1), _x)))
            .Should().Throw<InvalidOperationException>().WithMessage("*TorchScript*before or after*");
    }

    [Fact]
    public void A_wrapper_neither_owns_the_script_nor_loses_its_weights_with_a_scope()
    {
        jit.ScriptModule<Tensor, Tensor> script;
        using (NewDisposeScope())
        {
            script = ScriptArchive.Linear(_weight, _bias);
            new ScriptNetwork(script).Dispose();
        }
        new ScriptNetwork(script).call(_x).shape.Should().Equal(6, 4);
        script.parameters().Should().OnlyContain(parameter => !parameter.IsInvalid);
        script.Dispose();
    }

    [SharedFact("reference/models/mnist-cnn.traced.pt")]
    public void The_reference_network_gives_the_same_results_as_TorchScript_and_as_a_module()
    {
        using var script = jit.load<Tensor, Tensor>(SharedFiles.Find("reference/models/mnist-cnn.traced.pt"));
        using var network = ReferenceNetwork.Load();
        var (images, labels) = ReferenceNetwork.Vendor();
        var (ours, module) = (new Classifier(script, Bounds.Unit), new Classifier(network, Bounds.Unit));
        (ours.Logits(images) - module.Logits(images)).abs().max().ToDouble().Should().BeLessThan(1e-4);
        Attack[] attacks = [new Pgd(0.1) { Seed = 1, Steps = 10 }, new DeepFool { Seed = 1 }, new Square(0.1) { Seed = 1, Candidates = 100 }];
        foreach (var attack in attacks)
        {
            using var scripted = attack.Run(ours, images, labels);
            using var plain = attack.Run(module, images, labels);
            scripted.Met.equal(plain.Met).all().ToBoolean().Should().BeTrue();
            (scripted.Size - plain.Size).abs().max().ToDouble().Should().BeLessThan(1e-4);
        }
        new Judge(3) { Seed = 1 }.Measure(ours, images, labels).Accuracy.MeanDraw.Rate.Should().Be(1);
    }
}
