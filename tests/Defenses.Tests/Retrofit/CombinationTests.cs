using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>Several retrofits of one model, in any order, and what they must leave alone.</summary>
public sealed class CombinationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor(new[] { -2f, -0.5f, -0.25f, 0f, 0.5f, 3f }).view(3, 2);

    public static TheoryData<string> Shapes => Shape.Names;

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Shapes))]
    public void Later_layers_stand_nearer_to_the_module(string name)
    {
        using var model = Shape.All[name].Build();
        using var a = model.InsertAfter<ReLU>(_ => new Scaling(2), _x);
        using var b = model.InsertAfter<ReLU>(_ => new Shift(1), _x);
        using var c = model.InsertBefore<ReLU>(_ => new Scaling(-1), _x);
        using var d = model.InsertBefore<ReLU>(_ => new Shift(4), _x);
        Expect(model, name, x => 2 * ((-x + 4).relu() + 1));
        new[] { b, d, a }.Should().OnlyContain(report => report.Layers.Count == c.Layers.Count);
        b.Dispose();
        Expect(model, name, x => 2 * (-x + 4).relu());
        c.Dispose();
        Expect(model, name, x => 2 * (x + 4).relu());
        a.Dispose();
        Expect(model, name, x => (x + 4).relu());
        d.Dispose();
        Expect(model, name, x => x.relu());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void A_replacement_inside_wrappers_is_undone_wherever_it_stands(string name)
    {
        using var model = Shape.All[name].Build();
        var after = model.InsertAfter<ReLU>(_ => new Shift(1), _x);
        var replaced = model.ReplaceReLU(_ => new Scaling(-1), _x);
        Expect(model, name, x => -x + 1);
        using var outer = model.InsertBefore<Scaling>(_ => new Shift(3), _x);
        Expect(model, name, x => -(x + 3) + 1);
        after.Dispose();
        Expect(model, name, x => -(x + 3));
        outer.Dispose();
        replaced.Dispose();
        Expect(model, name, x => x.relu());
    }

    [Theory, MemberData(nameof(Shapes))]
    public void What_was_replaced_is_gone_for_a_second_replacement(string name)
    {
        using var model = Shape.All[name].Build();
        using var report = model.ReplaceReLU(_ => new Shift(1), _x);
        FluentActions.Invoking(() => model.ReplaceReLU(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>()
            .WithMessage("*no module of type ReLU*");
    }

    [Fact]
    public void Layers_with_weights_add_their_keys_after_the_others()
    {
        using var model = Sequential(new Scale(2), ReLU(), new Block(3));
        using var first = model.InsertAfter<ReLU>(_ => new Scale(7), _x);
        using var second = model.InsertAfter<ReLU>(_ => new Scale(11), _x);
        model.state_dict().Keys.Should().BeEquivalentTo(
            "0.weight", "1.after2.weight", "1.after.weight", "2.scale.weight", "2.relu.after2.weight", "2.relu.after.weight");
        model.get_parameter("1.after.weight")!.ToSingle().Should().Be(7);
        model.get_parameter("1.after2.weight")!.ToSingle().Should().Be(11);
        model.parameters().Should().HaveCount(6);
    }

    [Fact]
    public void A_network_of_convolutions_behind_concrete_fields_takes_noise_before_each_and_keeps_its_buffers()
    {
        using var model = new Convolutions();
        var images = ones(2, 1, 4, 4);
        model.eval();
        var (state, output) = (model.state_dict(), model.call(images));
        using var report = model.InsertBefore<Conv2d>(_ => new Noise(), images);
        report.Layers.Should().OnlyContain(layer => layer.Route == RetrofitRoute.Hook && layer.Placement == Placement.Before && layer.Target == "Conv2d");
        model.state_dict().Keys.Should().Equal(state.Keys);
        model.named_buffers().Select(entry => entry.name).Should().Equal("norm.running_mean", "norm.running_var", "norm.num_batches_tracked");
        using (model.DisableRandomness()) model.call(images).data<float>().ToArray().Should().Equal(output.data<float>().ToArray());
    }

    [Fact]
    public void Wrapped_blocks_keep_the_keys_of_their_buffers_too()
    {
        using var model = Sequential(("features", Sequential(("conv", Conv2d(1, 2, 3)), ("norm", BatchNorm2d(2)))),
            ("head", Sequential(Flatten(), Linear(8, 3))));
        var keys = model.state_dict().Keys.ToArray();
        var images = ones(2, 1, 4, 4);
        using var inner = model.InsertAfter<BatchNorm2d>(_ => new Noise(), images);
        using var outer = model.InsertBefore<Sequential>(_ => new Noise(), images);
        outer.Layers.Select(layer => layer.Path).Should().Equal("features", "head");
        inner.Layers.Should().ContainSingle().Which.Path.Should().Be("features.norm");
        model.state_dict().Keys.Should().Equal(keys);
        model.named_buffers().Select(entry => entry.name).Should()
            .Equal("features.norm.running_mean", "features.norm.running_var", "features.norm.num_batches_tracked");
        model.get_buffer("features.norm.running_var").Should().NotBeNull();
        model.has_buffer("features.norm.nothing").Should().BeFalse();
        model.has_parameter("features.conv.weight").Should().BeTrue();
    }

    [Fact]
    public void The_probe_changes_no_mode_no_statistics_no_gradient_and_no_stream()
    {
        using var model = new Convolutions();
        using var noise = Sequential(model, new Noise());
        noise.Reseed(1);
        var images = ones(2, 1, 4, 4);
        var norm = model.modules().OfType<BatchNorm2d>().Single();
        var mean = norm.running_mean!.clone();
        foreach (var training in new[] { false, true })
        {
            norm.train(training);
            using var report = noise.InsertBefore<Conv2d>(_ => new Noise(), images);
            norm.training.Should().Be(training);
            model.training.Should().BeTrue();
            norm.running_mean!.equal(mean).all().ToBoolean().Should().BeTrue("the probe runs in evaluation mode");
            noise.parameters().Should().OnlyContain(weight => weight.requires_grad && Equals(weight.grad, null));
        }
        model.eval();
        var next = noise.call(images);
        noise.Reseed(1);
        next.data<float>().ToArray().Should().Equal(noise.call(images).data<float>().ToArray(), "the probe must not have drawn from the stream");
    }

    [Fact]
    public void A_model_that_draws_its_route_is_probed_until_every_route_ran()
    {
        using var model = Sequential(new RandomRoute([.. Enumerable.Range(0, 12).Select(i => new Block(i))]), new Scale(2));
        using var report = model.InsertAfter<ReLU>(_ => new Shift(1), _x);
        report.Layers.Should().HaveCount(12).And.OnlyContain(layer => layer.Calls > 0);
    }

    [Fact]
    public void A_switching_network_takes_a_layer_into_every_channel()
    {
        SwitchingBlock Channels(SwitchPer per) => new([.. Enumerable.Range(1, 4).Select(i => new Block(i))], per);
        using var model = new SwitchingNetwork([Channels(SwitchPer.Batch), Channels(SwitchPer.Sample)]);
        var keys = model.state_dict().Keys.ToArray();
        using var report = model.InsertBefore<ReLU>(_ => new GaussianNoise(0.1), _x);
        report.Layers.Select(layer => layer.Path).Should()
            .Equal(from block in new[] { 0, 1 } from channel in new[] { 0, 1, 2, 3 } select $"{block}.{channel}.relu");
        model.state_dict().Keys.Should().Equal(keys);
        model.StochasticLayers().Should().HaveCount(10);
    }

    [Fact]
    public void The_papers_layers_stand_in_a_trained_network_as_if_it_had_been_built_with_them()
    {
        Sequential Build(Func<Module> act) =>
            Sequential(("conv", Conv2d(1, 4, 3)), ("act1", act()), ("flatten", Flatten()), ("fc1", Linear(16, 8)), ("act2", act()), ("fc2", Linear(8, 3)));
        var images = Numbers.Normal([5, 1, 4, 4]);
        foreach (var make in new Func<Module>[] { () => new JumpReLU(0.2), () => new BoundedReLU(0.5) })
        {
            using var native = Build(make);
            using var model = Build(() => ReLU());
            model.load_state_dict(native.state_dict());
            using var report = model.ReplaceReLU(_ => make(), images);
            Numbers.Of(model.call(images)).Should().Equal(Numbers.Of(native.call(images)));
        }
        using var trained = Build(() => ReLU());
        foreach (var make in new Func<Module>[]
                 { () => new StochasticActivationPruning(), () => new MvmSampling(), () => new RandomSpiking(), () => new DefensiveDropout(0.3), () =>
                     new GaussianNoise(0.1) })
        {
            var before = Numbers.Of(trained.call(images));
            using (var report = trained.InsertAfter<ReLU>(_ => make(), images))
            {
                report.Layers.Should().HaveCount(2);
                report.OutputChange.Should().BeGreaterThan(0);
            }
            Numbers.Of(trained.call(images)).Should().Equal(before);
        }
    }

    [Fact]
    public void Undoing_follows_the_mode_that_the_model_has_by_then()
    {
        using var model = new UntypedFields();
        var relus = model.modules().OfType<ReLU>().ToArray();
        var report = model.ReplaceReLU(_ => new Shift(1), _x);
        model.eval();
        report.Dispose();
        relus.Should().HaveCount(2).And.OnlyContain(relu => !relu.training);
    }

    [Fact]
    public void Disposing_a_model_disposes_what_was_wrapped()
    {
        var model = Sequential(new Scale(2), ReLU());
        var weight = model.parameters().Single();
        var report = model.InsertBefore<Scale>(_ => new Shift(1), _x);
        model.Dispose();
        weight.IsInvalid.Should().BeTrue();
        report.Dispose();
    }

    [Fact]
    public void A_retrofitted_chain_leaves_no_intermediate_behind_outside_of_a_scope()
    {
        using var model = Sequential(new Scale(2), ReLU(), new Scale(3));
        using var before = model.InsertBefore<ReLU>(_ => new Shift(1), _x);
        using var after = model.InsertAfter<Scale>(_ => new Shift(1), _x);
        Leaks.None(() => model.call(_x).Dispose());
    }

    [Fact]
    public void Draws_still_fold_into_the_batch_behind_the_part_that_does_not_draw()
    {
        var rows = new List<long>();
        using var model = Sequential(new Scale(2), ReLU(), new Scale(3), ReLU());
        foreach (var scale in model.modules().OfType<Scale>())
            scale.register_forward_hook((_, _, output) =>
            {
                rows.Add(output.shape[0]);
                return output;
            });
        model.eval();
        using var noise = model.InsertAfter<ReLU>(path => path == "1" ? new Noise() : null, _x);
        using var shift = model.InsertBefore<ReLU>(_ => new Shift(1), _x);
        rows.Clear();
        new Classifier(model, new Bounds(-5, 5)).ComputeLogits(_x, 10).shape.Should().Equal(10, 3, 2);
        rows.Should().Equal(3, 30);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Weights_can_be_trained_through_the_layers(string name)
    {
        using var model = Shape.All[name].Build();
        using var report = model.InsertAfter<ReLU>(_ => new Shift(1), _x);
        model.call(_x).sum().backward();
        var slope = (Shape.All[name].Compute(_x, x => x.relu() + 1).sum() / Shape.All[name].Last).ToSingle();   // of c in c·f(x)
        if (Shape.All[name].Last == 5) model.parameters().Last().grad!.ToSingle().Should().BeApproximately(slope, 1e-4f);
        else model.parameters().Should().OnlyContain(weight => weight.grad!.abs().ToSingle() > 0);
    }

    [CudaFact]
    public void A_model_that_was_retrofitted_on_another_device_can_be_moved_back()
    {
        foreach (var build in new Func<Module>[] { () => Sequential(new Scale(2), ReLU()), () => new UntypedFields(), () => new TypedFields() })
        {
            using var model = build().cuda();
            var expected = model.call(_x.cuda()).cpu();
            using var report = model.InsertAfter<Scale>(_ => new Scale(1), _x.cuda());
            model.cpu().call(_x).data<float>().ToArray().Should().Equal(expected.data<float>().ToArray());
            model.parameters().Should().OnlyContain(weight => weight.device_type == DeviceType.CPU);
        }
    }

    [Fact]
    public void The_report_reads_as_a_table()
    {
        using var model = new TypedFields();
        using var report = model.ReplaceReLU(_ => new Shift(0.5), _x);
        report.ToString().Split(Environment.NewLine).Should().Equal(
            "relu1: Shift instead of ReLU (hook, ran 1 time)",
            "relu2: Shift instead of ReLU (hook, ran 1 time)",
            $"largest change of the output on the probe: {report.OutputChange:G4}");
    }

    private void Expect(Module model, string name, Func<Tensor, Tensor> act) =>
        model.call(_x).data<float>().ToArray().Should().Equal(Shape.All[name].Compute(_x, act).data<float>().ToArray());

    private sealed class Scaling(double factor) : Module(nameof(Scaling))
    {
        public override Tensor forward(Tensor x) => x * factor;
    }
}
