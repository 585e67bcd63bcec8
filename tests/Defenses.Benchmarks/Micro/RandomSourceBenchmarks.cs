using BenchmarkDotNet.Attributes;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Benchmarks.Micro;

/// <summary>Random tensors by RandomSource, beside torch's own.</summary>
[MemoryDiagnoser]
public class RandomSourceBenchmarks
{
    private readonly RandomSource _source = new(1);
    private Tensor _like = null!;

    [Params(1_000, 100_000)]
    public long Elements { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        set_num_threads(1);
        _like = empty(Elements);
    }

    [GlobalCleanup]
    public void Cleanup() => _like.Dispose();

    [Benchmark]
    public void Uniform() => _source.Uniform(_like).Dispose();

    [Benchmark]
    public void TorchUniform() => rand_like(_like).Dispose();

    [Benchmark]
    public void Normal() => _source.Normal(_like).Dispose();

    [Benchmark]
    public void TorchNormal() => randn_like(_like).Dispose();

    [Benchmark]
    public void Bernoulli() => _source.Bernoulli(0.8, _like).Dispose();

    [Benchmark]
    public void TorchBernoulli() => _like.bernoulli_(0.8);

    [Benchmark]
    public void Restart()
    {
        _source.Restart(3);
        _source.Uniform(_like).Dispose();
    }
}
