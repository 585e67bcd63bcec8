using TorchSharp.Modules;
using static TorchSharp.Lite.Tests.NN.Expect;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class MovingTests
{
    private sealed class Custom : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter scale = new(full(1, 3f));
        private readonly Tensor counts = tensor(new long[] { 7 });
        private readonly Tensor shift = full(1, 2f);
        public readonly Linear inner = nn.Linear(1, 1, hasBias: false);

        public Custom() : base("custom") => RegisterComponents();

        public Parameter Scale => scale;

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            return (inner.call(input) * scale + shift + counts).MoveToOuterDisposeScope();
        }
    }

    private sealed class TwoIndexers : nn.Module<Tensor, Tensor>
    {
        public TwoIndexers() : base("two") => RegisterComponents();

        public int this[int index] => index;
        public int this[string key] => key.Length;

        public override Tensor forward(Tensor input) => input.alias();
    }

    [Fact]
    public void Conversion_makes_new_parameters_in_the_registry_and_in_the_fields_and_disposes_the_old_ones()
    {
        using var custom = new Custom();
        var old = custom.parameters().ToArray();
        custom.to(ScalarType.Float64).Should().BeSameAs(custom);
        old.Should().OnlyContain(parameter => parameter.IsInvalid);
        custom.parameters().Should().OnlyContain(parameter => parameter.dtype == ScalarType.Float64 && parameter.requires_grad);
        custom.Scale.Should().BeSameAs(custom.get_parameter("scale"));
        custom.inner.weight.Should().BeSameAs(custom.get_parameter("inner.weight"));
        using var input = zeros(1, dtype: ScalarType.Float64);
        using var output = custom.forward(input);
        output.ShouldHold(9);
    }

    [Fact]
    public void Integer_buffers_keep_their_type()
    {
        using var custom = new Custom();
        custom.half();
        custom.get_buffer("counts")!.dtype.Should().Be(ScalarType.Int64);
        custom.get_buffer("shift")!.dtype.Should().Be(ScalarType.Float16);
        using var norm = nn.BatchNorm2d(2).to(ScalarType.Float64);
        norm.running_var!.dtype.Should().Be(ScalarType.Float64);
        norm.num_batches_tracked!.dtype.Should().Be(ScalarType.Int64);
    }

    [Fact]
    public void Nothing_changes_when_there_is_nothing_to_convert()
    {
        using var custom = new Custom();
        var old = custom.parameters().ToArray();
        custom.to(ScalarType.Float32).cpu();
        custom.parameters().Should().Equal(old);
    }

    [Fact]
    public void A_gradient_moves_along()
    {
        using var linear = nn.Linear(2, 1);
        using var input = ones(4, 2);
        using (var output = linear.forward(input))
        using (var loss = output.sum()) loss.backward();
        linear.to(ScalarType.Float64);
        using var gradient = linear.weight.grad;
        gradient!.dtype.Should().Be(ScalarType.Float64);
        gradient.ShouldHold(4, 4);
    }

    [Fact]
    public void Frozen_parameters_stay_frozen()
    {
        using var linear = nn.Linear(2, 1);
        linear.weight.requires_grad_(false);
        linear.to(ScalarType.Float64);
        linear.weight.requires_grad.Should().BeFalse();
        linear.bias!.requires_grad.Should().BeTrue();
    }

    [Fact]
    public void Two_indexers_are_an_error() =>
        ((Action)(() => new TwoIndexers().to(ScalarType.Float64))).Should().Throw<ArgumentException>();

    [Fact]
    public void An_integer_type_is_an_error()
    {
        using var custom = new Custom();
        ((Action)(() => custom.to(ScalarType.Int32))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Layers_made_inside_a_scope_survive_it_and_a_parameter_does_not()
    {
        Conv2d convolution;
        BatchNorm2d norm;
        Parameter parameter;
        using (NewDisposeScope())
        {
            (convolution, norm) = (nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1));
            parameter = new Parameter(ones(1));
            convolution.to(ScalarType.Float64);
        }
        parameter.IsInvalid.Should().BeTrue();
        convolution.parameters().Concat(norm.parameters()).Concat(norm.buffers()).Should().OnlyContain(tensor => !tensor.IsInvalid);
        convolution.Dispose();
        norm.Dispose();
    }

    [Fact]
    public void A_new_parameter_empties_its_tensor()
    {
        var data = ones(2);
        using var parameter = new Parameter(data);
        data.IsInvalid.Should().BeTrue();
        parameter.requires_grad.Should().BeTrue();
        parameter.ShouldHold(1, 1);
        using var frozen = nn.Parameter(ones(2), requires_grad: false);
        frozen.requires_grad.Should().BeFalse();
    }

    [Fact]
    public void State_is_copied_between_networks_outside_the_graph()
    {
        using var source = nn.Linear(2, 1);
        using var target = nn.Linear(2, 1);
        var kept = target.weight;
        var (missing, unexpected) = target.load_state_dict(source.state_dict());
        (missing.Count, unexpected.Count).Should().Be((0, 0));
        target.weight.Should().BeSameAs(kept);
        target.weight.Values().Should().Equal(source.weight.Values());
        target.weight.is_leaf.Should().BeTrue();
    }

    [Fact]
    public void Missing_and_unexpected_keys_are_told_or_an_error()
    {
        using var source = nn.Linear(2, 1, hasBias: false);
        using var target = nn.Linear(2, 1);
        using var extra = zeros(1);
        var state = source.state_dict();
        state["extra"] = extra;
        ((Action)(() => target.load_state_dict(state))).Should().Throw<InvalidOperationException>();
        var (missing, unexpected) = target.load_state_dict(state, strict: false);
        missing.Should().Equal("bias");
        unexpected.Should().Equal("extra");
        target.load_state_dict(state, skip: ["bias", "extra"]).missing_keys.Should().BeEmpty();
    }

    [Fact]
    public void State_joins_an_existing_dictionary_under_a_prefix()
    {
        using var linear = nn.Linear(2, 1);
        var state = new Dictionary<string, Tensor>();
        linear.state_dict(state, "head").Should().BeSameAs(state);
        state.Keys.Should().Equal("head.weight", "head.bias");
    }
}
