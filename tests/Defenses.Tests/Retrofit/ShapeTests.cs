using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>What a retrofit must do to every shape of model.</summary>
public sealed class ShapeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor(new[] { -2f, -0.5f, -0.25f, 0f, 0.5f, 3f }).view(3, 2);

    public static TheoryData<string> Shapes => Shape.Names;

    public static TheoryData<string> Convertible => Shape.Convertible;

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Shapes))]
    public void A_layer_before_each_ReLU_sees_what_the_ReLU_would_have_seen(string name) =>
        Check(name, (model, make) => model.InsertBefore<ReLU>(make, _x), x => (x + 1).relu());

    [Theory, MemberData(nameof(Shapes))]
    public void A_layer_after_each_ReLU_sees_what_the_ReLU_gives(string name) =>
        Check(name, (model, make) => model.InsertAfter<ReLU>(make, _x), x => x.relu() + 1);

    [Theory, MemberData(nameof(Shapes))]
    public void A_layer_in_place_of_each_ReLU_sees_its_input_whole(string name) =>
        Check(name, (model, make) => model.ReplaceReLU(make, _x), x => x + 1);

    [Theory, MemberData(nameof(Shapes))]
    public void Weights_keep_their_keys_their_order_and_their_memory(string name)
    {
        var shape = Shape.All[name];
        using var model = shape.Build();
        var before = State(model);
        using var report = model.InsertAfter<ReLU>(_ => new Noise(), _x);
        State(model).Should().Equal(before);
        model.named_parameters().Select(entry => entry.name).Should().Equal(shape.WeightKeys);
        model.parameters().Should().HaveCount(3 - (shape.Last == 3 ? 1 : 0));
        foreach (var key in shape.WeightKeys) model.get_parameter(key).Should().NotBeNull();
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Stochastic_layers_are_found_follow_modes_and_can_be_replayed(string name)
    {
        using var model = Shape.All[name].Build();
        model.eval();
        using var report = model.InsertAfter<ReLU>(_ => new Noise(), _x);
        var found = model.StochasticLayers();
        found.Select(each => each.Layer).Should().BeEquivalentTo(report.Layers.Select(each => each.Layer), options => options.WithoutStrictOrdering());
        found.Select(each => each.Path).Should().OnlyHaveUniqueItems();
        model.modules().Should().OnlyContain(module => !module.training, "a new layer takes over the mode of the module it is for");
        model.train();
        model.modules().Should().OnlyContain(module => module.training);
        using (model.DisableRandomness()) Same(model.call(_x), Shape.All[name].Compute(_x, x => x.relu()));
        using (model.FixDraw(3)) Same(model.call(_x), model.call(_x));
        (model.call(_x) - model.call(_x)).abs().max().ToSingle().Should().BeGreaterThan(0);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Disposing_the_report_leaves_the_model_as_it_was(string name)
    {
        using var model = Shape.All[name].Build();
        var (modules, state, output) = (Structure(model), State(model), model.call(_x));
        model.InsertBefore<ReLU>(_ => new Shift(1), _x).Dispose();
        model.InsertAfter<ReLU>(_ => new Shift(1), _x).Dispose();
        var report = model.ReplaceReLU(_ => new Shift(1), _x);
        report.Dispose();
        report.Dispose();
        Structure(model).Should().Equal(modules);
        State(model).Should().Equal(state);
        Same(model.call(_x), output);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Files_saved_before_can_be_loaded_after_and_the_other_way_round(string name)
    {
        using var model = Shape.All[name].Build();
        using var other = Shape.All[name].Build();
        using var file = new MemoryStream();
        model.save(new BinaryWriter(file));
        foreach (var weight in model.parameters()) using (no_grad()) weight.fill_(0);
        using var report = model.InsertAfter<ReLU>(_ => new Noise(), _x);
        model.load(new MemoryStream(file.ToArray()));
        using var second = new MemoryStream();
        model.save(new BinaryWriter(second));
        second.ToArray().Should().Equal(file.ToArray());
        other.load(new MemoryStream(second.ToArray()));
        using (model.DisableRandomness()) Same(model.call(_x), other.call(_x));
    }

    [Theory, MemberData(nameof(Convertible))]
    public void The_model_can_change_its_type_with_the_layers_in(string name)
    {
        using var model = Shape.All[name].Build();
        using var report = model.InsertAfter<ReLU>(_ => new Noise(), _x);
        model.to(ScalarType.Float64);
        var x = _x.to_type(ScalarType.Float64);
        model.call(x).dtype.Should().Be(ScalarType.Float64);
        report.Dispose();
        Same(model.call(x), Shape.All[name].Compute(x, value => value.relu()));
        model.state_dict().Values.Should().OnlyContain(weight => weight.dtype == ScalarType.Float64);
    }

    [Theory, MemberData(nameof(Shapes))]
    public void No_tensor_is_left_behind(string name)
    {
        using var model = Shape.All[name].Build();
        Leaks.None(() =>
        {
            using var scope = NewDisposeScope();
            using var report = model.InsertAfter<ReLU>(_ => new Shift(1), _x);
            using var more = model.ReplaceReLU(_ => new Shift(1), _x);
        });
    }

    private void Check(string name, Func<Module, Func<string, Module?>, RetrofitReport> insert, Func<Tensor, Tensor> act)
    {
        var shape = Shape.All[name];
        using var model = shape.Build();
        Same(model.call(_x), shape.Compute(_x, x => x.relu()));
        var paths = new List<string>();
        using var report = insert(model, path =>
        {
            paths.Add(path);
            return new Shift(1);
        });
        Same(model.call(_x), shape.Compute(_x, act));
        paths.Should().Equal(shape.Paths.Split(' '));
        report.Layers.Select(layer => layer.Path).Should().Equal(paths);
        report.Layers.Should().OnlyContain(layer => layer.Route == shape.Route);
        report.Layers.Select(layer => $"{layer.Calls}").Should().Equal(shape.Calls.Split(' '));
        report.OutputChange.Should().Be((model.call(_x) - shape.Compute(_x, x => x.relu())).abs().max().ToDouble());
        report.Warnings.Should().BeEmpty();
    }

    private static IReadOnlyList<(string, nint)> State(Module model) => [.. model.state_dict().Select(entry => (entry.Key, entry.Value.Handle))];

    private static IReadOnlyList<(string, int)> Structure(Module model) =>
        [.. model.named_modules().Select(entry => (entry.name, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(entry.module)))];

    private static void Same(Tensor actual, Tensor expected) =>
        actual.to_type(ScalarType.Float64).data<double>().ToArray().Should().Equal(expected.to_type(ScalarType.Float64).data<double>().ToArray());
}
