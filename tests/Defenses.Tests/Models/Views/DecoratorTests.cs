using Defenses.Attacks;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Metrics;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Tests.Attacks;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>What a decorating view passes on of the model behind it.</summary>
public sealed class DecoratorTests
{
    [Fact]
    public void Noise_on_the_input_leaves_the_layout_of_the_weights_to_the_model()
    {
        using var network = new LinearModel();
        using var random = new RandomSource(1);
        foreach (var layout in new bool?[] { true, false, null })
        {
            var model = new Classifier(network, Bounds.Unit) { ChannelsLast = layout };
            new NoisyView(model, 0.1, random).ChannelsLastNetworks(exact: false).Should().Equal(model.ChannelsLastNetworks(exact: false));
        }
    }

    [Fact]
    public void Every_decorator_passes_on_what_describes_the_model()
    {
        using var network = new LinearModel();
        using var random = new RandomSource(1);
        var model = new Classifier(network, new Bounds(-1, 2)) { ChannelsLast = true };
        using var x = zeros(2, 12);
        model.Logits(x).Dispose();
        ModelView[] decorators =
        [
            new Eot(model, 2), new FixedDraw(model, 1), new WithoutRandomness(model), new StraightThrough(model), new SmoothedJumps(model),
            new DifferentiableProbabilities(model), new Metered(model), new NoisyView(model, 0.1, random), new RejectionView(model, []),
            new QueryGradient(model, 2, 0.1, like => random.Normal(like)), new FirstGradientProbe(model, (_, _) => null!),
        ];
        foreach (var view in decorators)
        {
            view.Networks.Should().Equal([network], $"{view}");
            view.ChannelsLastNetworks(exact: true).Should().Equal([network], $"{view}");
            (view.Bounds, view.Classes, view.Queries).Should().Be((model.Bounds, 4, model.Queries));
            view.IsRandom.Should().Be(view is NoisyView);
        }
    }

    [Fact]
    public void Random_targets_are_no_answer_of_any_model_behind_an_average_over_draws()
    {
        using var networks = new Several();
        var source = new Eot(networks.Surrogates, 2);
        var (x, labels) = networks.First.Data(60);
        using var images = x;
        using var classes = labels;
        var attack = new TransferWithValidation(source, [networks.First.Classifier()], new Fgsm(0.1)) { Seed = 3 };
        using var targets = attack.RandomTargets(x, labels);
        using var answers = networks.Surrogates.ComputeMemberLogits(x);
        using var scope = NewDisposeScope();
        var taken = answers.argmax(-1).eq(targets).any(0);                        // (N,)
        var free = answers.argmax(-1).ne(labels).any(0).to_type(ScalarType.Int64).sum().ToInt64();
        free.Should().BeGreaterThan(5, "the models must disagree for the test to say something");
        taken.any().ToBoolean().Should().BeFalse();
    }

    [Fact]
    public void An_average_over_draws_of_several_models_still_has_these_models_as_members()
    {
        using var networks = new Several();
        var (x, labels) = networks.First.Data(5);
        using var images = x;
        using var classes = labels;
        var view = new Eot(networks.Surrogates, 4000);
        view.MemberShares.Should().Equal(networks.Surrogates.MemberShares);
        using var scope = NewDisposeScope();
        var members = view.ComputeMemberLogits(x).softmax(-1);
        var shares = tensor(view.MemberShares.Select(share => (float)share).ToArray()).view(-1, 1, 1);
        (members * shares).sum([0]).sub(view.Logits(x).softmax(-1)).abs().max().ToDouble().Should().BeLessThan(0.02);
    }

    /// <summary>Three linear models of one family with noise in front.</summary>
    private sealed class Several : IDisposable
    {
        private readonly List<IDisposable> _held = [];

        internal Several()
        {
            First = OwnModels.Relative(0);
            Surrogates = new Surrogates([.. Enumerable.Range(0, 3).Select(number => Noisy(number == 0 ? First : OwnModels.Relative(number, 1)))]);
        }

        internal LinearModel First { get; }

        internal Surrogates Surrogates { get; }

        public void Dispose() => _held.ForEach(each => each.Dispose());

        private Classifier Noisy(LinearModel model)
        {
            var network = nn.Sequential(("noise", new GaussianNoise(0.001)), ("linear", model));
            network.eval();
            _held.Add(network);
            return new Classifier(network, Bounds.Unit);
        }
    }
}
