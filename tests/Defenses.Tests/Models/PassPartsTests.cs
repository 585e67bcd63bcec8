using Defenses.Attacks;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Models;

/// <summary>Passes over many images are divided where that is faster, and only where nothing changes.</summary>
public sealed class PassPartsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly long _rows = (64 * get_num_threads() * 2) + 1;   // three parts in 32 bits

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(GradientPrecision.Float32, 1e-6)]
    [InlineData(GradientPrecision.BFloat16Everywhere, 1e-6)]
    public void The_parts_of_a_batch_give_what_their_own_passes_give(GradientPrecision precision, double tolerance)
    {
        var (network, counted) = Convolutional(nn.Identity());
        var (x, model) = (Images(), new Classifier(network, Bounds.Unit) { GradientPrecision = precision });
        var whole = model.Differentiate(x, Loss);
        counted.Calls.Should().Be(precision == GradientPrecision.Float32 ? 3 : 2, "16 bits take half of the memory");
        var (first, rest) = (model.Differentiate(x.narrow(0, 0, 20), Loss), model.Differentiate(x.narrow(0, 20, 30), Loss));
        var (gradients, logits) = (cat([first.Gradient, rest.Gradient]), cat([first.Logits, rest.Logits]));
        (whole.Gradient.narrow(0, 0, 50) - gradients).abs().max().ToDouble().Should().BeLessThan(tolerance);
        (whole.Logits.narrow(0, 0, 50) - logits).abs().max().ToDouble().Should().BeLessThan(tolerance);
        whole.Gradient.shape.Should().Equal(x.shape);
        model.Queries.Should().Be(new Queries(_rows + 50, _rows + 50));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forward_hook_sees_the_whole_batch(bool isBefore)
    {
        var (network, counted) = Convolutional(nn.Identity());
        var watched = (nn.Module<Tensor, Tensor>)network.children().First();
        var rows = new List<long>();
        var hook = isBefore
            ? watched.register_forward_pre_hook((_, x) => { rows.Add(x.shape[0]); return x; })
            : watched.register_forward_hook((_, _, output) => { rows.Add(output.shape[0]); return output; });
        new Classifier(network, Bounds.Unit).Logits(Images()).Dispose();
        rows.Should().Equal(_rows);
        hook.remove();
        new Classifier(network, Bounds.Unit).Logits(Images()).Dispose();
        counted.Calls.Should().Be(1 + 3, "nobody watches any more");
    }

    [Fact]
    public void A_run_searches_the_modules_once_and_sees_hooks_that_come_and_go_meanwhile()
    {
        var (network, counted) = Convolutional(nn.Identity());
        using var searched = new Searched(network);
        var (x, labels) = (Images(), zeros(_rows, dtype: ScalarType.Int64));
        int Searches(int passes)
        {
            var before = searched.Searches;
            new Passes(passes, _ => { }).Run(new Classifier(searched, Bounds.Unit), x, labels).Dispose();
            return searched.Searches - before;
        }
        Searches(6).Should().Be(Searches(2), "the number of passes does not matter");
        var calls = new List<int>();
        var hook = default(Action);
        new Passes(3, pass =>
        {
            calls.Add(counted.Calls);
            if (pass == 1)
            {
                var watching = ((nn.Module<Tensor, Tensor>)network.children().First()).register_forward_hook((_, _, output) => output);
                hook = watching.remove;
            }
            if (pass == 2) hook!();
        }).Run(new Classifier(searched, Bounds.Unit), x, labels).Dispose();
        calls.Zip(calls.Skip(1), (from, to) => to - from).Should().Equal(3, 1, 3);
    }

    [Fact]
    public void A_random_network_and_one_without_convolutions_run_at_once()
    {
        var (random, counted) = Convolutional(new GaussianNoise(0.1));
        new Classifier(random, Bounds.Unit).Logits(Images()).Dispose();
        counted.Calls.Should().Be(1, "its draws would come in another order");
        counted = new Counted();
        using var dense = nn.Sequential(("counted", counted), ("flat", nn.Flatten()), ("fc", nn.Linear(16, 3)));
        dense.eval();
        new Classifier(dense, Bounds.Unit).Logits(Images()).Dispose();
        counted.Calls.Should().Be(1);
    }

    private static Tensor Loss(Tensor logits) => logits.square().sum(1);

    private Tensor Images() => Numbers.Uniform([_rows, 1, 4, 4], seed: 6);

    private static (Sequential Network, Counted Counted) Convolutional(nn.Module<Tensor, Tensor> first)
    {
        var counted = new Counted();
        var network = nn.Sequential(
            ("counted", counted), ("first", first), ("conv", nn.Conv2d(1, 2, 3)), ("tanh", nn.Tanh()), ("flat", nn.Flatten()), ("fc", nn.Linear(8, 3)));
        network.eval();
        return (network, counted);
    }

    private sealed class Counted() : nn.Module<Tensor, Tensor>(nameof(Counted))
    {
        internal int Calls { get; private set; }

        public override Tensor forward(Tensor x)
        {
            Calls++;
            return x.alias();
        }
    }

    /// <summary>Makes passes of all images, and calls back before each of them and after the last.</summary>
    private sealed record Passes(int Count, Action<int> Before) : Attack
    {
        public override Norm Norm { get; init; } = Norm.Linf;

        public override Knowledge Knowledge => Knowledge.Scores;

        protected internal override Tensor Perturb(AttackRun run)
        {
            for (var pass = 0; pass < Count; pass++)
            {
                Before(pass);
                run.Model.Logits(run.Original).Dispose();
            }
            Before(Count);
            return run.Original.clone();
        }
    }

    /// <summary>Counts how often its modules are listed.</summary>
    private sealed class Searched : nn.Module<Tensor, Tensor>
    {
        private readonly nn.Module<Tensor, Tensor> _inner;

        internal Searched(nn.Module<Tensor, Tensor> inner) : base(nameof(Searched))
        {
            _inner = inner;
            register_module("inner", inner);
            eval();
        }

        internal int Searches { get; private set; }

        public override IEnumerable<nn.Module> modules()
        {
            Searches++;
            return base.modules();
        }

        public override Tensor forward(Tensor x) => _inner.call(x);
    }
}
