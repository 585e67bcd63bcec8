using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class HookTests
{
    private sealed class Sum() : nn.Module<Tensor, Tensor, Tensor>("sum")
    {
        public override Tensor forward(Tensor input1, Tensor input2) => input1 + input2;
    }

    [Fact]
    public void Hooks_run_in_call_and_never_in_forward()
    {
        using var scope = NewDisposeScope();
        using var relu = nn.ReLU();
        var calls = new List<string>();
        relu.register_forward_pre_hook((_, _) => { calls.Add("before"); return null!; });
        relu.register_forward_hook((_, _, _) => { calls.Add("after"); return null!; });
        relu.register_forward_pre_hook(_ => calls.Add("module before"));
        relu.register_forward_hook(_ => calls.Add("module after"));
        relu.forward(Expect.Floats(1));
        calls.Should().BeEmpty();
        relu.call(Expect.Floats(-1, 2)).Values().Should().Equal(0, 2);
        calls.Should().Equal("module before", "before", "after", "module after");
    }

    [Fact]
    public void A_hook_may_replace_the_input_and_the_output()
    {
        using var scope = NewDisposeScope();
        using var relu = nn.ReLU();
        relu.register_forward_pre_hook((module, input) => { module.Should().BeSameAs(relu); return input - 1; });
        relu.register_forward_hook((_, input, output) => output * 10 + input);
        relu.call(Expect.Floats(0, 3)).Values().Should().Equal(-1, 22);
    }

    [Fact]
    public void Several_hooks_run_in_the_order_of_registration_each_on_the_result_of_the_last()
    {
        using var scope = NewDisposeScope();
        using var identity = nn.Identity();
        identity.register_forward_pre_hook((_, input) => input + 1);
        identity.register_forward_pre_hook((_, input) => input * 2);
        identity.call(Expect.Floats(1)).Values().Should().Equal(4);
    }

    [Fact]
    public void A_removed_hook_does_not_run()
    {
        using var scope = NewDisposeScope();
        using var identity = nn.Identity();
        var handles = new[]
        {
            identity.register_forward_hook((_, _, output) => output + 1), identity.register_forward_pre_hook((_, input) => input + 1),
            identity.register_forward_hook(_ => throw new InvalidOperationException()),
            identity.register_forward_pre_hook(_ => throw new InvalidOperationException()),
        };
        foreach (var handle in handles) handle.remove();
        identity.call(Expect.Floats(1)).Values().Should().Equal(1);
    }

    [Fact]
    public void Hooks_of_a_module_with_two_inputs_may_replace_both()
    {
        using var scope = NewDisposeScope();
        using var sum = new Sum();
        sum.register_forward_pre_hook((_, a, b) => (b, a * 2));
        sum.register_forward_hook((_, a, _, output) => output * a);
        sum.call(Expect.Floats(1), Expect.Floats(10)).Values().Should().Equal(120);
        sum.forward(Expect.Floats(1), Expect.Floats(10)).Values().Should().Equal(11);
    }

    [Fact]
    public void Hooks_of_children_run_inside_a_sequential()
    {
        using var scope = NewDisposeScope();
        using var chain = nn.Sequential(nn.ReLU(), nn.Identity());
        var seen = new List<float>();
        ((ReLU)chain[0]).register_forward_hook((_, _, output) => { seen.AddRange(output.Values()); return null!; });
        chain.forward(Expect.Floats(-1, 5));
        seen.Should().Equal(0, 5);
    }
}
