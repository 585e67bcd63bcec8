using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class RegistrationTests
{
    private abstract class Root : nn.Module<Tensor, Tensor>
    {
        private readonly Linear hidden = nn.Linear(1, 1, hasBias: false);
        protected readonly Linear open = nn.Linear(1, 1, hasBias: false);

        protected Root() : base("root")
        {
        }

        public override Tensor forward(Tensor input) => open.forward(hidden.forward(input));
    }

    private sealed class Leaf : Root
    {
        private readonly Linear second = nn.Linear(1, 1, hasBias: false);
        [ComponentName(Name = "named")] private readonly Linear _first = nn.Linear(1, 1, hasBias: false);
        private readonly Parameter scale = new(ones(1));
        private readonly Tensor scratch = zeros(1);
        private readonly Tensor? nothing = null;
        private readonly List<nn.Module> unseen = [nn.Linear(1, 1)];
        private readonly ModuleList<Linear> seen = nn.ModuleList(nn.Linear(1, 1, hasBias: false), nn.Linear(1, 1, hasBias: false));

        public Leaf() => RegisterComponents();

        public Linear Auto { get; } = nn.Linear(1, 1, hasBias: false);

        public bool Unused => nothing is null && unseen.Count > 0 && second is not null && _first is not null && scale is not null
            && scratch is not null && seen.Count > 0;

        public void RegisterAgain() => RegisterComponents();

        public void Put(string key, nn.Module module) => _internal_submodules[key] = module;

        protected override void Dispose(bool disposing)
        {
            if (disposing) unseen[0].Dispose();
            base.Dispose(disposing);
        }
    }

    private sealed class Captured(Linear inner) : nn.Module<Tensor, Tensor>("captured")
    {
        public override Tensor forward(Tensor input) => inner.forward(input);

        public Captured Registered()
        {
            RegisterComponents();
            return this;
        }
    }

    [Fact]
    public void Fields_are_registered_in_order_the_leafs_first_then_those_of_its_bases_private_ones_too()
    {
        using var leaf = new Leaf();
        leaf.Unused.Should().BeTrue();
        leaf.named_children().Select(child => child.name)
            .Should().Equal("second", "named", "seen", "<Auto>k__BackingField", "open", "hidden");
        leaf.named_parameters().Select(parameter => parameter.name).Should().Equal("scale", "second.weight", "named.weight",
            "seen.0.weight", "seen.1.weight", "<Auto>k__BackingField.weight", "open.weight", "hidden.weight");
        leaf.named_buffers().Select(buffer => buffer.name).Should().Equal("scratch");
    }

    [Fact]
    public void A_captured_constructor_parameter_gives_the_compilers_key()
    {
        using var captured = new Captured(nn.Linear(1, 1, hasBias: false)).Registered();
        captured.state_dict().Keys.Should().Equal("<inner>P.weight");
    }

    [Fact]
    public void Components_are_registered_once()
    {
        using var leaf = new Leaf();
        leaf.register_module("second", null!);
        leaf.RegisterAgain();
        leaf.named_children().Select(child => child.name).Should().NotContain("second");
    }

    [Fact]
    public void Registering_a_child_registers_its_components()
    {
        using var parent = nn.ModuleList(new Captured(nn.Linear(1, 1, hasBias: false)));
        using var root = new Holder(parent);
        root.named_parameters().Select(parameter => parameter.name).Should().Equal("list.0.<inner>P.weight");
    }

    private sealed class Holder : nn.Module<Tensor, Tensor>
    {
        public readonly nn.Module list;

        public Holder(nn.Module list) : base("holder")
        {
            this.list = list;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.alias();
    }

    [Fact]
    public void Modules_leave_out_the_module_itself_and_list_children_before_grandchildren()
    {
        using var leaf = new Leaf();
        leaf.modules().Should().NotContain(leaf);
        leaf.named_modules().Select(module => module.name).Should().Equal("second", "named", "seen", "<Auto>k__BackingField", "open",
            "hidden", "seen.0", "seen.1");
    }

    [Fact]
    public void Registering_over_an_existing_name_is_an_error()
    {
        using var leaf = new Leaf();
        using var other = nn.Linear(1, 1);
        ((Action)(() => leaf.register_module("second", other))).Should().Throw<InvalidOperationException>();
        ((Action)(() => leaf.register_parameter("scale", other.weight))).Should().Throw<InvalidOperationException>();
        ((Action)(() => leaf.register_buffer("scratch", other.weight))).Should().Throw<InvalidOperationException>();
        ((Action)(() => leaf.register_module("a.b", other))).Should().Throw<ArgumentException>();
        ((Action)(() => leaf.register_module("", other))).Should().Throw<ArgumentException>();
        ((Action)(() => leaf.register_buffer("none", null!))).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Null_removes_a_child_and_registering_it_anew_moves_it_to_the_end()
    {
        using var leaf = new Leaf();
        using var removed = leaf.named_children().First().module;
        using var other = nn.Linear(1, 1);
        leaf.register_module("second", null!);
        leaf.register_module("second", other);
        leaf.named_children().Select(child => child.name)
            .Should().Equal("named", "seen", "<Auto>k__BackingField", "open", "hidden", "second");
        leaf.children().Last().Should().BeSameAs(other);
    }

    [Fact]
    public void The_registry_keeps_the_order_when_a_subclass_replaces_an_entry()
    {
        using var leaf = new Leaf();
        using var replaced = leaf.named_children().First().module;
        var other = nn.Linear(1, 1);
        leaf.Put("second", other);
        leaf.named_children().First().Should().Be(("second", (nn.Module)other));
    }

    [Fact]
    public void Buffers_that_are_not_persistent_have_no_key()
    {
        using var leaf = new Leaf();
        using var kept = zeros(1);
        leaf.register_buffer("other", kept, persistent: false);
        leaf.state_dict().Keys.Should().NotContain("other");
        leaf.has_buffer("other").Should().BeTrue();
    }

    [Fact]
    public void Parameters_and_buffers_are_found_by_path()
    {
        using var leaf = new Leaf();
        leaf.get_parameter("seen.1.weight").Should().BeSameAs(leaf.parameters().ElementAt(4));
        leaf.has_parameter("seen.2.weight").Should().BeFalse();
        leaf.has_parameter("scale").Should().BeTrue();
        leaf.get_buffer("scratch").Should().BeSameAs(leaf.buffers().Single());
        leaf.get_buffer("scale").Should().BeNull();
    }

    [Fact]
    public void A_shared_weight_is_listed_once()
    {
        var linear = nn.Linear(2, 2);
        using var twice = nn.Sequential(("a", linear), ("b", linear));
        twice.named_parameters().Select(parameter => parameter.name).Should().Equal("a.weight", "a.bias");
        twice.parameters().Should().HaveCount(2);
    }

    [Fact]
    public void Training_mode_reaches_every_descendant()
    {
        using var leaf = new Leaf();
        leaf.training.Should().BeTrue();
        leaf.eval();
        leaf.modules().Append(leaf).Should().OnlyContain(module => !module.training);
        leaf.train();
        leaf.modules().Append(leaf).Should().OnlyContain(module => module.training);
    }

    [Fact]
    public void Apply_visits_children_before_their_parent()
    {
        using var leaf = new Leaf();
        var visited = new List<nn.Module>();
        leaf.apply(visited.Add).Should().BeSameAs(leaf);
        visited.Should().HaveCount(9);
        visited.Last().Should().BeSameAs(leaf);
    }

    [Fact]
    public void Module_zero_grad_removes_gradients_or_writes_zeros()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(2, 1);
        linear.forward(ones(3, 2)).sum().backward();
        linear.weight.grad!.Values().Should().Equal(3, 3);
        linear.zero_grad(set_to_none: false);
        linear.weight.grad!.Values().Should().Equal(0, 0);
        linear.zero_grad();
        linear.weight.grad.Should().BeNull();
        linear.bias!.grad.Should().BeNull();
    }

    [Fact]
    public void Modules_leave_no_tensor_once_disposed() => Expect.NoTensorLeft(() =>
    {
        using var leaf = new Leaf();
        using var moved = new Leaf().to(ScalarType.Float64);
    });

    [Fact]
    public void A_name_is_the_one_given_or_the_type()
    {
        using var leaf = new Leaf();
        using var sequential = nn.Sequential();
        using var convolution = nn.Conv2d(1, 1, 1);
        leaf.GetName().Should().Be("root");
        sequential.GetName().Should().Be("Sequential");
        convolution.GetName().Should().Be("Conv2d");
    }
}
