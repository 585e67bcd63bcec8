using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class ContainerTests
{
    private sealed class Holder : nn.Module<Tensor, Tensor>
    {
        private readonly ModuleList<nn.Module<Tensor, Tensor>> list;
        private readonly ModuleDict<nn.Module<Tensor, Tensor>> dict;

        public Holder(ModuleList<nn.Module<Tensor, Tensor>> list, ModuleDict<nn.Module<Tensor, Tensor>> dict) : base("holder")
        {
            (this.list, this.dict) = (list, dict);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => dict["out"].call(list[0].call(input));
    }

    [Fact]
    public void Children_of_lists_and_dictionaries_are_children_of_the_network()
    {
        using var holder = new Holder(nn.ModuleList<nn.Module<Tensor, Tensor>>(nn.Linear(2, 2, hasBias: false), nn.ReLU()),
            nn.ModuleDict<nn.Module<Tensor, Tensor>>(("out", nn.Linear(2, 1, hasBias: false))));
        holder.state_dict().Keys.Should().Equal("list.0.weight", "dict.out.weight");
        holder.named_modules().Select(module => module.name).Should().Equal("list", "dict", "list.0", "list.1", "dict.out");
    }

    [Fact]
    public void A_list_is_changed_like_any_list()
    {
        var (first, second, third) = (nn.ReLU(), nn.ReLU(), nn.ReLU());
        using var list = nn.ModuleList<nn.Module>(first);
        list.append(second);
        list.extend([third]);
        list.Should().Equal(first, second, third);
        list[1] = third;
        list.RemoveAt(2);
        list.Insert(0, second);
        list.Should().Equal(second, first, third);
        list.Remove(first).Should().BeTrue();
        list.IndexOf(third).Should().Be(1);
        list.Count.Should().Be(2);
        list.Contains(first).Should().BeFalse();
    }

    [Fact]
    public void A_dictionary_keeps_the_order_of_insertion()
    {
        var (first, second) = (nn.ReLU(), nn.ReLU());
        using var dict = nn.ModuleDict(("b", (nn.Module)first), ("a", second));
        dict.Keys.Should().Equal("b", "a");
        dict["b"] = second;
        dict[0].Should().Be(("b", (nn.Module)second));
        dict.Add("c", first);
        dict.Remove("b").Should().BeTrue();
        dict.Values.Should().Equal(second, first);
        dict.ContainsKey("b").Should().BeFalse();
        dict.TryGetValue("c", out var found).Should().BeTrue();
        found.Should().BeSameAs(first);
    }

    [Fact]
    public void A_layer_without_weights_takes_none()
    {
        using var relu = nn.ReLU();
        using var linear = nn.Linear(1, 1);
        ((Action)(() => relu.register_parameter("weight", linear.weight))).Should().Throw<InvalidOperationException>();
        ((Action)(() => relu.register_buffer("weight", linear.weight))).Should().Throw<InvalidOperationException>();
        ((Action)(() => relu.register_module("linear", linear))).Should().Throw<InvalidOperationException>();
    }
}
