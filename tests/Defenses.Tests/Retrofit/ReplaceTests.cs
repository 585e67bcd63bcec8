using Defenses.Layers;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Module = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

namespace Defenses.Tests.Retrofit;

/// <summary>Replacing modules of any type.</summary>
public sealed class ReplaceTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _x = tensor(new[] { -2f, -0.5f, -0.25f, 0f, 0.5f, 8f }).view(3, 2);

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_jump_in_place_of_a_ReLU6_loses_the_cap_and_a_bound_behind_it_keeps_the_cap()
    {
        using var model = Sequential(new Scale(2), ReLU6());
        using (var report = model.Replace<ReLU6>(_ => new JumpReLU(1.5), _x))
        {
            report.Layers.Should().ContainSingle().Which.ToString().Should().Be("1: JumpReLU instead of ReLU6 (slot, ran 1 time)");
            Numbers.Of(model.call(_x)).Should().Equal(0, 0, 0, 0, 0, 16);
        }
        using (var report = model.Replace<ReLU6>(_ => Sequential(new JumpReLU(0.9), new BoundedReLU(6)), _x)) Numbers.Of(model.call(_x)).Should()
            .Equal(0, 0, 0, 0, 1, 6);
        Numbers.Of(model.call(_x)).Should().Equal(0, 0, 0, 0, 1, 6);
    }

    [Fact]
    public void Behind_a_typed_field_a_hook_gives_the_layer_its_input_whole_and_leaves_no_tensor()
    {
        using var model = new TypedActivations();
        var report = model.Replace<ReLU6>(_ => new Shift(1), _x);
        report.Layers.Should().ContainSingle().Which.Route.Should().Be(RetrofitRoute.Hook);
        using (model.Replace<Hardswish>(_ => new Shift(2), _x)) Numbers.Of(model.call(_x)).Should().Equal(Numbers.Of(_x + 3));
        Leaks.None(() => model.call(_x).Dispose());
        report.Dispose();
        model.modules().OfType<ReLU6>().Single().inplace.Should().BeTrue("that is as it was");
        Numbers.Of(model.call(_x.clone())).Should().Equal(Numbers.Of(functional.hardswish(functional.relu6(_x))));
    }

    [Fact]
    public void Weights_of_what_is_replaced_are_gone_until_it_is_undone()
    {
        using var model = new UntypedFields();
        using (model.Replace<Scale>(path => path == "second" ? new Shift(1) : null, _x)) model.state_dict().Keys.Should().Equal("first.weight", "last.weight");
        model.state_dict().Keys.Should().Equal("first.weight", "second.weight", "last.weight");
    }

    [Fact]
    public void A_replacement_repairs_a_model_that_cannot_run()
    {
        using var model = Sequential(new Failing(), new Scale(2));
        using (var report = model.Replace<Failing>(_ => new Shift(1), _x))
        {
            report.OutputChange.Should().Be(double.NaN);
            Numbers.Of(model.call(_x)).Should().Equal(Numbers.Of((_x + 1) * 2));
        }
        FluentActions.Invoking(() => model.Replace<Scale>(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>().WithMessage("broken");
        FluentActions.Invoking(() => model.InsertAfter<Scale>(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>().WithMessage("broken");
        model.modules().Should().HaveCount(2);
    }

    [Fact]
    public void The_error_for_a_missing_activation_lists_the_existing_ones()
    {
        using var model = Sequential(ReLU6(), new Scale(2), ReLU6(), Hardswish());
        FluentActions.Invoking(() => model.ReplaceReLU(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>()
            .WithMessage("*no module of type ReLU*Its activations are ReLU6 (2), Hardswish (1): Replace<ReLU6>, InsertBefore<ReLU6> and " +
                "InsertAfter<ReLU6> act on those.*");
        FluentActions.Invoking(() => model.InsertBefore<Conv2d>(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>()
            .Where(error => !error.Message.Contains("activations"));
    }

    [Fact]
    public void What_is_replaced_within_what_is_replaced_never_runs_and_is_refused()
    {
        using var model = Sequential(Sequential(Sequential(new Scale(2))));
        FluentActions.Invoking(() => model.Replace<Sequential>(_ => new Shift(1), _x)).Should().Throw<InvalidOperationException>()
            .WithMessage("*'0.0' (Sequential)*");
        Numbers.Of(model.call(_x)).Should().Equal(Numbers.Of(_x * 2));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        using var model = Sequential(ReLU6());
        FluentActions.Invoking(() => RetrofitExtensions.Replace<ReLU6>(null!, _ => null, _x)).Should().Throw<ArgumentNullException>()
            .WithParameterName("model");
        FluentActions.Invoking(() => model.Replace<ReLU6>(null!, _x)).Should().Throw<ArgumentNullException>().WithParameterName("make");
        FluentActions.Invoking(() => model.Replace<ReLU6>(_ => null, null!)).Should().Throw<ArgumentNullException>().WithParameterName("probe");
        FluentActions.Invoking(() => model.Replace<ReLU6>(_ => null, ones(3))).Should().Throw<ArgumentException>().WithParameterName("probe");
        FluentActions.Invoking(() => model.Replace<ReLU6>(_ => null, _x)).Should().Throw<InvalidOperationException>()
            .WithMessage("make returned null for each of the 1 modules of type ReLU6*");
        FluentActions.Invoking(() => model.Replace<ReLU6>(_ => (Module)model.children().Single(), _x)).Should().Throw<ArgumentException>()
            .WithMessage("make must return a new layer*");
    }

    private sealed class Failing() : Module(nameof(Failing))
    {
        public override Tensor forward(Tensor x) => throw new InvalidOperationException("broken");
    }

    private sealed class TypedActivations : Module
    {
        private readonly ReLU6 first = ReLU6(inplace: true);
        private readonly Hardswish second = Hardswish();

        internal TypedActivations() : base(nameof(TypedActivations)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            using var between = first.call(x);
            return second.call(between);
        }
    }
}
