using System.Reflection;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.NN;

public sealed class SequentialTests
{
    private sealed class Recorder(List<Tensor> outputs) : nn.Module<Tensor, Tensor>("recorder")
    {
        public override Tensor forward(Tensor input)
        {
            var output = input + 1;
            outputs.Add(output);
            return output;
        }
    }

    [Fact]
    public void Intermediates_are_disposed_and_the_input_and_the_result_are_not()
    {
        var outputs = new List<Tensor>();
        using var chain = nn.Sequential(new Recorder(outputs), new Recorder(outputs), new Recorder(outputs));
        using var input = Expect.Floats(1);
        using var result = chain.forward(input);
        outputs.Take(2).Should().OnlyContain(output => output.IsInvalid);
        input.IsInvalid.Should().BeFalse();
        result.Should().BeSameAs(outputs[2]);
        result.Values().Should().Equal(4);
    }

    [Fact]
    public void An_empty_chain_returns_another_tensor_with_the_same_content()
    {
        using var chain = nn.Sequential();
        using var input = Expect.Floats(1, 2);
        using var result = chain.forward(input);
        result.Should().NotBeSameAs(input);
        result.Values().Should().Equal(1, 2);
    }

    [Fact]
    public void Children_without_names_are_numbered()
    {
        using var chain = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1, hasBias: false));
        chain.named_children().Select(child => child.name).Should().Equal("0", "1", "2");
        chain.state_dict().Keys.Should().Equal("0.weight", "0.bias", "2.weight");
        chain.Count.Should().Be(3);
        chain[1].Should().BeOfType<ReLU>();
    }

    [Fact]
    public void Append_adds_at_the_end_under_a_name_or_the_next_number()
    {
        using var chain = nn.Sequential(("first", nn.ReLU()));
        chain.append(nn.Sigmoid()).append("last", nn.Tanh()).Should().BeSameAs(chain);
        chain.named_children().Select(child => child.name).Should().Equal("first", "1", "last");
    }

    [Fact]
    public void Slices_share_children_and_names()
    {
        using var chain = nn.Sequential(("a", nn.ReLU()), ("b", nn.Sigmoid()), ("c", nn.Tanh()));
        chain[1..].named_children().Select(child => child.name).Should().Equal("b", "c");
        chain[(0, 2)][0].Should().BeSameAs(chain[0]);
        chain[..^1].Count.Should().Be(2);
        var outside = () => chain[(0, 4)];
        outside.Should().Throw<IndexOutOfRangeException>();
    }

    [Fact]
    public void A_child_is_replaced_through_the_private_list()
    {
        using var scope = NewDisposeScope();
        using var chain = nn.Sequential(("a", nn.Linear(1, 1)), ("b", nn.ReLU()), ("c", nn.Linear(1, 1)));
        var list = (IList<nn.IModule<Tensor, Tensor>>)typeof(Sequential)
            .GetField("_modules", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(chain)!;
        var keys = chain.state_dict().Keys.ToArray();
        list[1] = nn.Identity();
        chain[1].Should().BeOfType<Identity>();
        chain.named_children().Select(child => child.module.GetName()).Should().Equal("Linear", "Identity", "Linear");
        chain.state_dict().Keys.Should().Equal(keys);
    }

    [Fact]
    public void Registering_a_module_does_not_make_it_a_child()
    {
        using var chain = nn.Sequential(nn.ReLU());
        using var other = nn.Linear(1, 1);
        chain.register_module("other", other);
        chain.children().Should().ContainSingle();
        chain.parameters().Should().BeEmpty();
    }

    [Fact]
    public void Nested_chains_join_their_names_and_list_children_before_grandchildren()
    {
        using var chain = nn.Sequential(("body", nn.Sequential(("fc", nn.Linear(1, 1)), ("bn", nn.BatchNorm1d(1)))), ("act", nn.ReLU()));
        chain.named_modules().Select(module => module.name).Should().Equal("body", "act", "body.fc", "body.bn");
        chain.state_dict().Keys.Should().Equal("body.fc.weight", "body.fc.bias", "body.bn.weight", "body.bn.bias",
            "body.bn.running_mean", "body.bn.running_var", "body.bn.num_batches_tracked");
    }

    [Fact]
    public void Training_mode_is_that_of_the_chain_and_all_children()
    {
        using var chain = nn.Sequential(nn.Dropout(), nn.Sequential(nn.Dropout()));
        chain.eval();
        chain.modules().Append(chain).Should().OnlyContain(module => !module.training);
        chain.train();
        chain.modules().Append(chain).Should().OnlyContain(module => module.training);
    }

    [Fact]
    public void Every_way_to_make_a_chain_gives_the_same_one()
    {
        using var relu = nn.ReLU();
        nn.Module<Tensor, Tensor>[] unnamed = [relu];
        (string, nn.Module<Tensor, Tensor>)[] named = [("0", relu)];
        Sequential[] chains =
        [
            nn.Sequential(unnamed), nn.Sequential(unnamed.AsEnumerable()), nn.Sequential(named), nn.Sequential(named.AsEnumerable()),
            nn.Sequential(Tuple.Create("0", (nn.Module<Tensor, Tensor>)relu)),
        ];
        foreach (var chain in chains) chain.named_children().Should().Equal(("0", relu));
    }

    [Fact]
    public void Disposing_a_chain_disposes_its_children()
    {
        var linear = nn.Linear(1, 1);
        nn.Sequential(("fc", linear)).Dispose();
        linear.weight.IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void A_step_of_training_leaves_no_tensor() => Expect.NoTensorLeft(() =>
    {
        using var chain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 2));
        using var input = ones(2, 1, 4, 4);
        using var noise = rand(2, 1, 4, 4);
        using var sum = input + noise;
        using var output = chain.forward(sum);
        using var loss = output.sum();
        loss.backward();
        chain.zero_grad();
    });
}
