using Defenses.Randomness;
using Defenses.Tests.Contracts;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Training;

public sealed class AccuracyTests
{
    [Fact]
    public void Counts_exactly_whatever_the_batch_size()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(50);
        using var _ = x;
        using var wrong = (labels + tensor(Enumerable.Range(0, 50).Select(i => i % 5 == 0 ? 1L : 0).ToArray())) % 4;
        labels.Dispose();
        foreach (var size in new[] { 1, 7, 50, 1000 })
            Accuracy.Measure(network, new TensorData(x, wrong), batchSize: size).Should().Be(new Accuracy(40, 50));
    }

    [Fact]
    public void Gives_for_each_example_whether_it_is_recognized()
    {
        using var network = new LinearModel();
        var (x, labels) = network.Data(50);
        using var _ = x;
        using var wrong = (labels + tensor(Enumerable.Range(0, 50).Select(i => i % 5 == 0 ? 1L : 0).ToArray())) % 4;
        labels.Dispose();
        foreach (var size in new[] { 7, 1000 })
            Accuracy.PerExample(network, new TensorData(x, wrong), batchSize: size).Should().Equal(Enumerable.Range(0, 50).Select(i => i % 5 != 0));
    }

    [Fact]
    public void Refuses_a_network_without_one_row_of_scores_per_example()
    {
        using var network = nn.Sequential(nn.Linear(4, 4), nn.Flatten(0));
        using var x = rand(6, 4);
        using var labels = zeros(6, dtype: ScalarType.Int64);
        FluentActions.Invoking(() => Accuracy.Measure(network, new TensorData(x, labels))).Should().Throw<InvalidOperationException>()
            .WithMessage("*(N, classes)*batch of 6*(24)*");
    }

    [Fact]
    public void A_coin_flip_is_right_as_often_as_it_is_biased()
    {
        using var network = new CoinFlip(0.7);
        using var x = rand(10000, 4);
        using var labels = zeros(10000, dtype: ScalarType.Int64);
        var first = Accuracy.Measure(network, new TensorData(x, labels), seed: 1);
        first.Value.Should().BeApproximately(0.7, 4 * Math.Sqrt(0.7 * 0.3 / 10000));
        Accuracy.Measure(network, new TensorData(x, labels), seed: 1).Should().Be(first);
        Accuracy.Measure(network, new TensorData(x, labels), seed: 2).Should().NotBe(first);
    }

    [Fact]
    public void Leaves_mode_and_streams_as_they_were_and_no_tensor_behind()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        network.train();
        Leaks.None(() => Accuracy.Measure(network, data));
        network.training.Should().BeTrue();
        network.eval();
        Accuracy.Measure(network, data).Count.Should().Be(120);
        network.training.Should().BeFalse();
    }

    [Fact]
    public void Leaves_each_part_in_the_mode_that_it_was_in()
    {
        using var data = new Blobs();
        using var network = Nets.Classifier(1);
        network.train();
        var frozen = network.children().Last();
        frozen.eval();
        Accuracy.Measure(network, data);
        network.training.Should().BeTrue();
        network.children().Select(child => child.training).Should().Equal(network.children().Select(child => !ReferenceEquals(child, frozen)));
    }

    [Fact]
    public void Shuffles_are_permutations_in_which_each_place_is_equally_likely()
    {
        const int n = 8, runs = 4000;
        var counts = new double[n, n];
        for (ulong seed = 0; seed < runs; seed++)
        {
            var order = Shuffle.Order(n, seed);
            order.Order().Should().Equal(0, 1, 2, 3, 4, 5, 6, 7);
            for (var place = 0; place < n; place++) counts[place, order[place]]++;
        }
        var chi = counts.Cast<double>().Sum(count => Math.Pow(count - runs / (double)n, 2) / (runs / (double)n));
        const double freedom = (n - 1) * (n - 1);
        chi.Should().BeLessThan(freedom + 4 * Math.Sqrt(2 * freedom));
        Shuffle.Order(100, 5).Should().Equal(Shuffle.Order(100, 5)).And.NotEqual(Shuffle.Order(100, 6));
    }
}
