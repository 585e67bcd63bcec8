using TorchSharp.Lite.Tests.NN;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

[Collection(GlobalGenerator.Name)]
public sealed class ThreadTests : TensorTest
{
    [Fact]
    public void The_number_of_threads_can_be_set()
    {
        var before = get_num_threads();
        set_num_threads(2);
        get_num_threads().Should().Be(2);
        set_num_threads(1);
        get_num_threads().Should().Be(1);
        set_num_threads(before);
    }

    [Fact]
    public void Threads_compute_side_by_side()
    {
        var results = new double[8];
        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            using var scope = NewDisposeScope();
            var x = full([64], (double)i, requires_grad: true);
            for (var step = 0; step < 50; step++) (x * x).sum().backward();
            results[i] = x.grad!.mean().ToDouble();
        });
        results.Should().Equal(Enumerable.Range(0, 8).Select(i => 100.0 * i));
    }

    [Fact]
    public void The_global_generator_follows_its_seed()
    {
        var state = get_rng_state();
        manual_seed(5);
        initial_seed().Should().Be(5);
        var draw = rand(4);
        manual_seed(5);
        rand(4).Equals(draw).Should().BeTrue();
        set_rng_state(state);
    }

    [Fact]
    public void Cuda_answers_whether_it_is_there() => cuda.is_available().Should().Be(cuda.device_count() > 0);
}
