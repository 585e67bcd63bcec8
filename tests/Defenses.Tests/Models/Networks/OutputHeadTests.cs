using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

public sealed class OneLogitAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model) =>
        new(x => model.Network.call(x).narrow(1, 0, 1), Bounds.Unit, [model.Network]) { Head = OutputHead.OneLogit };
}

public sealed class FlatLogitAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model) =>
        new(x => model.Network.call(x).select(1, 0), Bounds.Unit, [model.Network]) { Head = OutputHead.OneLogit };
}

public sealed class DelegateAsViewTests : ModelViewContract<Classifier>
{
    protected override Classifier Create(Classifier model) => new(x => model.Network.call(x), Bounds.Unit, [model.Network]);
}

public sealed class OutputHeadTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly LinearModel _network = new();
    private readonly Tensor _x = Numbers.Uniform([20, 12], seed: 3);

    public void Dispose()
    {
        _network.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void One_logit_is_the_log_odds_of_class_1()
    {
        var odds = _network.call(_x).select(1, 0);
        var logits = Model(x => _network.call(x).narrow(1, 0, 1), OutputHead.OneLogit).Logits(_x);
        (logits.select(1, 1) - logits.select(1, 0) - odds).abs().max().ToDouble().Should().BeLessThan(1e-6);
        (logits.softmax(1).select(1, 1) - odds.sigmoid()).abs().max().ToDouble().Should().BeLessThan(1e-6);
    }

    [Fact]
    public void Attacks_that_read_single_logits_move_towards_either_class()
    {
        var model = Model(x => (_network.call(x).narrow(1, 0, 1) - Middle) * 3, OutputHead.OneLogit);
        var labels = model.Logits(_x).argmax(1);
        labels.unique().output.shape[0].Should().Be(2, "both classes are among the images");
        foreach (var attack in new Attack[] { new Jsma { Seed = 1, Gamma = 1 }, new DeepFool { Seed = 1 }, new Pgd(0.5) { Seed = 1 } })
        {
            using var result = attack.Run(model, _x, labels);
            foreach (var label in new[] { 0L, 1L })
            {
                var met = result.Met.masked_select(labels.eq(label)).to_type(ScalarType.Float32).mean();
                met.ToDouble().Should().BeGreaterThan(0.5, $"{attack} of class {label}");
            }
        }
    }

    [Theory]
    [InlineData(OutputHead.Logits)]
    [InlineData(OutputHead.OneLogit)]
    public void A_network_that_squeezes_answers_a_batch_of_one_as_a_larger_one(OutputHead head)
    {
        var model = Model(x => (head == OutputHead.Logits ? _network.call(x) : _network.call(x).narrow(1, 0, 1)).squeeze(), head);
        var alone = cat(Enumerable.Range(0, 20).Select(row => model.Logits(_x.narrow(0, row, 1))).ToArray());
        (alone - model.Logits(_x)).abs().max().ToDouble().Should().BeLessThan(1e-6);
        var labels = model.Logits(_x).argmax(1);
        using var result = new Pgd(0.5) { Seed = 1 }.Run(model, _x.narrow(0, 0, 1), labels.narrow(0, 0, 1));
        result.QueriesPerExample.Should().HaveCount(1);
    }

    [Fact]
    public void One_output_without_the_head_is_refused_with_the_way_out()
    {
        Refuses(x => _network.call(x).narrow(1, 0, 1), OutputHead.Logits, "*(20, 1)*Head = OutputHead.OneLogit*");
        Refuses(x => _network.call(x).select(1, 0), OutputHead.Logits, "*(20)*Head = OutputHead.OneLogit*");
        Refuses(x => _network.call(x).narrow(1, 0, 1).sigmoid(), OutputHead.Logits, "*(20, 1)*Remove the sigmoid*OutputHead.OneLogit*");
        Refuses(_network.call, OutputHead.OneLogit, "*(20, 4)*OutputHead.Logits*");
    }

    [Fact]
    public void A_sigmoid_behind_the_head_of_one_logit_is_refused()
    {
        Refuses(x => ((_network.call(x).narrow(1, 0, 1) - Middle) * 5).sigmoid(), OutputHead.OneLogit, "*probabilities*Remove its sigmoid*");
        using var network = nn.Sequential(("linear", new LinearModel(classes: 1)), ("sigmoid", nn.Sigmoid()));
        network.eval();
        var model = new Classifier(network, Bounds.Unit) { Head = OutputHead.OneLogit };
        ((Action)(() => model.Logits(_x.narrow(0, 0, 1)))).Should().Throw<InvalidOperationException>().WithMessage("*Remove its sigmoid*");
    }

    [Fact]
    public void Small_logits_are_no_probabilities()
    {
        var model = Model(x => x.narrow(1, 0, 1) * 0.8 + 0.1, OutputHead.OneLogit);
        Numbers.Of(model.Logits(_x).argmax(1)).Should().OnlyContain(label => label == 1);
    }

    [Fact]
    public void A_network_that_mixes_up_rows_and_columns_is_refused_with_both_shapes() =>
        Refuses(x => x.view(-1, 4), OutputHead.Logits, "*batch of 20*(60, 4)*");

    [Fact]
    public void A_delegate_names_its_modules()
    {
        var model = Model(_network.call, OutputHead.Logits);
        new Fgsm(0.1).Run(model, _x, zeros(20, ScalarType.Int64)).Dispose();
        _network.train();
        ((Action)(() => new Fgsm(0.1).Run(model, _x, zeros(20, ScalarType.Int64)))).Should().Throw<InvalidOperationException>().WithMessage("*eval()*");
        ((Action)(() => _ = new Classifier((Func<Tensor, Tensor>)null!, Bounds.Unit, []))).Should().Throw<ArgumentNullException>().WithParameterName("network");
        ((Action)(() => _ = new Classifier(_network.call, Bounds.Unit, null!))).Should().Throw<ArgumentNullException>().WithParameterName("modules");
    }

    // So that both classes are among the images.
    private double Middle => _network.call(_x).select(1, 0).median().ToDouble();

    private Classifier Model(Func<Tensor, Tensor> network, OutputHead head) => new(network, Bounds.Unit, [_network]) { Head = head };

    private void Refuses(Func<Tensor, Tensor> network, OutputHead head, string message) =>
        ((Action)(() => Model(network, head).Logits(_x))).Should().Throw<InvalidOperationException>().WithMessage(message);
}
