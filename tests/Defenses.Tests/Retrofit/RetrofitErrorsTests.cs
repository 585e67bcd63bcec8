using Defenses.Retrofit;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>What cannot be done is refused with the reason, and the model stays as it was.</summary>
public sealed class RetrofitErrorsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor(new[] { -2f, -0.5f, -0.25f, 0f, 0.5f, 3f }).view(3, 2);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_hook_that_forward_passes_by_is_refused_by_name_and_the_model_is_put_back() =>
        Refuses(new TypedFieldsForwardCalls(), model => model.InsertAfter<ReLU>(_ => new Shift(1), _x),
            "A layer never ran on the probe*'relu2' (ReLU)*field 'relu2' of type ReLU*hooks run only through call()*TypedFieldsForwardCalls*write " +
            "call(x)*nn.Module<Tensor, Tensor>*");

    [Fact]
    public void Every_module_that_forward_passes_by_is_named() =>
        Refuses(new TypedFieldsForwardCalls(), model =>
            model.InsertBefore<Scale>(_ => new Shift(1), _x), "3 layers never ran*'first' (Scale)*'second' (Scale)*'last' (Scale)*");

    [Fact]
    public void What_is_passed_by_can_be_left_out_by_path()
    {
        using var model = new TypedFieldsForwardCalls();
        using var report = model.InsertAfter<ReLU>(path => path == "relu1" ? new Shift(1) : null, _x);
        report.Layers.Should().ContainSingle().Which.Path.Should().Be("relu1");
    }

    [Fact]
    public void A_head_that_only_training_uses_is_refused_and_can_be_left_out()
    {
        Refuses(new Auxiliary(), model =>
            model.ReplaceReLU(_ => new Shift(1), _x), "A layer never ran*'aux.relu' (ReLU)*Block*evaluation mode*return null for this path*");
        using var model = new Auxiliary();
        using var report = model.ReplaceReLU(path => path.StartsWith("aux", StringComparison.Ordinal) ? null : new Shift(1), _x);
        report.Layers.Should().ContainSingle();
    }

    [Fact]
    public void Functions_cannot_be_seen_and_the_refusal_says_so() =>
        Refuses(new Functional(), model => model.ReplaceReLU(_ => new Shift(1), _x),
            "*Functional has no module of type ReLU*first (Scale), second (Scale), last (Scale)*torch.nn.functional.relu*make it a module*");

    [Fact]
    public void Modules_that_are_not_registered_are_named() =>
        Refuses(new Hidden(), model =>
            model.ReplaceReLU(_ => new Shift(1), _x), "*no module of type ReLU*Hidden holds a ReLU in field 'acts' that is not registered*ModuleList*");

    [Fact]
    public void Modules_that_are_not_registered_are_warned_of_when_others_were_found()
    {
        using var model = Sequential(new Block(2), new Hidden());
        using var report = model.ReplaceReLU(_ => new Shift(1), _x);
        report.Layers.Should().ContainSingle().Which.Path.Should().Be("0.relu");
        report.Warnings.Should().ContainSingle().Which.Should().Contain("field 'acts'");
        report.ToString().Should().Contain("warning: Hidden holds a ReLU");
    }

    [Fact]
    public void A_model_that_is_the_module_itself_has_no_place_for_a_layer() =>
        Refuses(Sequential(new Scale(2)), model =>
            model.InsertBefore<Sequential>(_ => new Shift(1), _x), "*The model itself is a Sequential*put it and the layer into a Sequential*");

    [Fact]
    public void Nothing_inserted_is_no_success() =>
        Refuses(new UntypedFields(), model => model.ReplaceReLU(_ => null, _x), "make returned null for each of the 2 modules of type ReLU*");

    [Fact]
    public void A_layer_that_changes_the_shape_is_refused() =>
        Refuses(Sequential(new Scale(2), ReLU()), model =>
            model.InsertAfter<ReLU>(_ => Flatten(0), _x), "*gives (6) for the probe, and gave (3, 2)*keep the shape*");

    [Fact]
    public void A_module_of_the_model_is_no_new_layer() =>
        Refuses<ArgumentException>(new UntypedFields(), model =>
            model.InsertAfter<ReLU>(_ => (Module)model.modules().First(), _x), "make must return a new layer; for 'relu1' it returned a Scale*");

    [Fact]
    public void When_make_fails_nothing_is_changed()
    {
        var calls = 0;
        Refuses<TimeoutException>(new UntypedFields(), model =>
            model.ReplaceReLU(_ => calls++ == 0 ? new Shift(1) : throw new TimeoutException("late"), _x), "late");
    }

    [Fact]
    public void When_a_layer_fails_on_the_probe_everything_is_undone()
    {
        foreach (var build in new Func<Module>[] { () => new UntypedFields(), () => new TypedFields(), () => new Lists() })
            Refuses<TimeoutException>(build(), model => model.ReplaceReLU(_ => new Failing(), _x), "layer");
    }

    [Fact]
    public void Arguments_are_checked()
    {
        using var model = new UntypedFields();
        FluentActions.Invoking(() => RetrofitExtensions.ReplaceReLU(null!, _ => null, _x)).Should().Throw<ArgumentNullException>().WithParameterName("model");
        FluentActions.Invoking(() => model.ReplaceReLU(null!, _x)).Should().Throw<ArgumentNullException>().WithParameterName("make");
        FluentActions.Invoking(() => model.ReplaceReLU(_ => null, null!)).Should().Throw<ArgumentNullException>().WithParameterName("probe");
        FluentActions.Invoking(() => model.ReplaceReLU(_ => null, ones(3))).Should().Throw<ArgumentException>().WithParameterName("probe");
        FluentActions.Invoking(() => model.ReplaceReLU(_ => null, zeros(0, 2))).Should().Throw<ArgumentException>().WithParameterName("probe");
    }

    private void Refuses(Module model, Func<Module, RetrofitReport> insert, string message) => Refuses<InvalidOperationException>(model, insert, message);

    private void Refuses<TException>(Module model, Func<Module, RetrofitReport> insert, string message) where TException : Exception
    {
        using var owner = model;
        var (modules, output) = (Structure(model), model.call(_x).data<float>().ToArray());
        FluentActions.Invoking(() => insert(model)).Should().Throw<TException>().WithMessage(message);
        Structure(model).Should().Equal(modules);
        model.call(_x).data<float>().ToArray().Should().Equal(output);
    }

    private static IReadOnlyList<(string, int)> Structure(Module model) =>
        [.. model.named_modules().Select(entry => (entry.name, System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(entry.module)))];

    private sealed class Failing() : Module(nameof(Failing))
    {
        public override Tensor forward(Tensor x) => throw new TimeoutException("layer");
    }
}
