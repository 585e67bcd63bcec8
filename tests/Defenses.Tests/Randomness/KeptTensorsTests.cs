using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Inference;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Switching;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Randomness;

/// <summary>A module may make a tensor in its first pass and keep it: <c>_mask ??= ones(10)</c>. Whatever the library does with
/// the network, the tensor lives on.</summary>
public sealed class KeptTensorsTests
{
    public static TheoryData<string> Names => [.. Caches.All.Keys];

    private static readonly Bounds s_bounds = new(-5, 5);

    [Theory, MemberData(nameof(Names))]
    public void It_lives_through_attacks_views_and_judges(string name)
    {
        using var network = Caches.Network(name);
        var model = new Classifier(network, s_bounds);
        Twice(4, (x, labels) =>
        {
            model.Logits(x).Dispose();
            new Pgd(0.5) { Steps = 2, Restarts = 1 }.Run(model, x, labels).Dispose();
            new Pgd(0.5) { Steps = 2, Restarts = 1 }.Run(new Eot(model, 3), x, labels).Dispose();
            new Pgd(0.5) { Steps = 2, Restarts = 1 }.Run(new FixedDraw(model, 1), x, labels).Dispose();
            using (network.FixDraw(3)) model.Logits(x).Dispose();
            new DeepFool { Steps = 2 }.Run(model, x, labels).Dispose();
            new Judge(3).Measure(model, x, labels);
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void It_lives_through_training_retrofit_and_decisions_by_many_draws(string name)
    {
        using var network = Caches.Network(name);
        using var voting = new VotingNetwork([network, network], 2);
        voting.eval();
        var options = new TrainingOptions { Epochs = 1, BatchSize = 2, Seed = 1 };
        Twice(4, (x, labels) =>
        {
            new Trainer(options).Run(network, new TensorData(x, labels));
            Accuracy.Measure(network, new TensorData(x, labels));
            using (var report = network.InsertAfter<ReLU>(_ => new GaussianNoise(0.1), x)) new Classifier(network, s_bounds).Logits(x).Dispose();
            new Classifier(voting, s_bounds).Logits(x).Dispose();
        });
    }

    [Theory, MemberData(nameof(Names))]
    public void It_lives_in_channels_and_in_layers_that_were_put_in(string name)
    {
        using var network = new SwitchingNetwork([new SwitchingBlock([Caches.Network(name), Caches.Network(name)], SwitchPer.Sample)]);
        network.eval();
        var model = new Classifier(network, s_bounds);
        Twice(6, (x, labels) =>
        {
            using var report = network.InsertBefore<ReLU>(_ => Caches.All[name](), x);
            model.Logits(x).Dispose();
            new AllPaths(network, s_bounds).Logits(x).Dispose();
            new Pgd(0.5) { Steps = 2, Restarts = 1 }.Run(model, x, labels).Dispose();
        });
    }

    [Fact]
    public void The_count_of_live_tensors_grows_by_what_is_kept_and_no_more()
    {
        using var network = Caches.Network("a field per batch size");
        var model = new Classifier(network, s_bounds);
        using (var warm = ones(1, 2)) model.Logits(warm).Dispose();
        var before = Leaks.Live();
        for (var rows = 2; rows < 20; rows++)
        {
            using var x = ones(rows, 2);
            model.Logits(x).Dispose();
            model.Gradient(x, logits => logits.sum(1)).Dispose();
        }
        Leaks.Live().Should().Be(before, "each mask replaced the one before it");
    }

    [Fact]
    public void What_a_tap_saw_last_can_be_read_and_what_it_was_given_is_untouched()
    {
        using var tap = new Tap();
        using var x = ones(3, 2);
        using var network = nn.Sequential(tap, nn.Flatten());
        network.eval();
        var model = new Classifier(network, s_bounds);
        for (var pass = 0; pass < 3; pass++) model.Logits(x).Dispose();
        tap.Seen!.sum().ToDouble().Should().Be(12);
        tap.Given!.IsInvalid.Should().BeFalse();
        Leaks.None(() => model.Logits(x).Dispose());
        model.Gradient(x, logits => logits.sum(1)).Dispose();
        tap.Seen.IsInvalid.Should().BeTrue("it has a graph, and would keep the memory of the whole pass");
        x.IsInvalid.Should().BeFalse();
    }

    [Fact]
    public void A_tensor_with_a_graph_dies_and_the_error_names_the_module_and_the_way_out()
    {
        using var network = nn.Sequential(("first", nn.Linear(2, 2)), ("gate", new FromWeights()));
        network.eval();
        var model = new Classifier(network, s_bounds);
        using var x = ones(3, 2);
        var ask = () => model.Gradient(x, logits => logits.sum(1)).Dispose();
        ask();
        ask.Should().Throw<InvalidOperationException>().WithMessage("*'gate' (FromWeights)*field '_kept'*constructor*DetachFromDisposeScope*")
            .WithInnerException<InvalidOperationException>().WithMessage("Tensor invalid*");
    }

    [Fact]
    public void A_freed_tensor_of_the_caller_is_no_fault_of_the_network()
    {
        using var network = Caches.Network("one field");
        var x = ones(3, 2);
        x.Dispose();
        FluentActions.Invoking(() => ForwardPass.Run(network, x)).Should().Throw<InvalidOperationException>().WithMessage("Tensor invalid*");
    }

    [Fact]
    public void Networks_of_torchs_own_modules_have_no_fields_to_inspect()
    {
        using var network = nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2), nn.ReLU(), new GaussianNoise(0.1), new SwitchingBlock([nn.Linear(2, 2)]));
        network.modules().Should().OnlyContain(module => TensorFields.Of(module.GetType()).Count == 0);
        TensorFields.Of(typeof(Collected)).Should().HaveCount(4);
        TensorFields.Of(typeof(Derived)).Should().ContainSingle("of its base");
    }

    // Batches of several sizes, each used twice.
    private static void Twice(int rows, Action<Tensor, Tensor> use)
    {
        foreach (var count in new[] { rows, rows, rows / 2, rows })
        {
            using var scope = NewDisposeScope();
            use(Numbers.Normal([count, 2]), zeros(count, dtype: ScalarType.Int64));
        }
    }
}
