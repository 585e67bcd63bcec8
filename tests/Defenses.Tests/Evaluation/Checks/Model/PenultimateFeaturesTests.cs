using Defenses.Evaluation.Checks;
using Defenses.Tests.Contracts;
using Defenses.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class PenultimateFeaturesTests
{
    [Fact]
    public void Features_are_what_goes_into_the_last_linear_layer_until_the_tap_is_closed()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("first", Nets.Linear(4, 3, 1)), ("relu", nn.ReLU()), ("last", Nets.Linear(3, 3, 2)));
        var x = Numbers.Normal([5, 4]);
        var hidden = Numbers.Of(((TorchSharp.Modules.Linear)network[0]).call(x).relu());
        var features = new PenultimateFeatures(network, 3);
        Numbers.Of(features.Of(x)).Should().Equal(hidden);
        features.Dispose();
        Numbers.Of(features.Of(x)).Should().Equal(Numbers.Of(network.call(x)));
    }

    [Fact]
    public void Without_a_linear_layer_that_gives_the_classes_they_are_the_answers()
    {
        using var scope = NewDisposeScope();
        using var network = nn.Sequential(("linear", Nets.Linear(4, 6, 1)), ("half", new FirstThree()));
        using var features = new PenultimateFeatures(network, 3);
        var x = Numbers.Normal([5, 4]);
        Numbers.Of(features.Of(x)).Should().Equal(Numbers.Of(network.call(x)));
    }

    [Fact]
    public void What_an_earlier_pass_went_through_is_forgotten()
    {
        using var scope = NewDisposeScope();
        using var linear = Nets.Linear(3, 3, 1);
        using var network = new OnlyOnce(linear);
        using var features = new PenultimateFeatures(network, 3);
        var x = Numbers.Normal([5, 3]);
        Numbers.Of(features.Of(x)).Should().Equal(Numbers.Of(x));
        Numbers.Of(features.Of(x)).Should().Equal(Numbers.Of(x * 2), (actual, expected) => Math.Abs(actual - expected) < 1e-6);
    }

    private sealed class FirstThree() : nn.Module<Tensor, Tensor>(nameof(FirstThree))
    {
        public override Tensor forward(Tensor x) => x.narrow(1, 0, 3);
    }

    // Goes through its layer in the first pass only.
    private sealed class OnlyOnce : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Linear linear;
        private bool _gone;

        internal OnlyOnce(TorchSharp.Modules.Linear linear) : base(nameof(OnlyOnce))
        {
            this.linear = linear;
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            if (_gone) return x * 2;
            _gone = true;
            return linear.call(x);
        }
    }
}
