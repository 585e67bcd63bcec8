using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks.MinimumNorm;

/// <summary>Where the gradient is 0, a search goes on in a random direction.</summary>
public sealed class FlatStartTests
{
    private const double Size = 0.08;

    // The first radius of DDN is enlarged once before its first step: 0.08·1.05.
    public static TheoryData<Attack, double> Attacks => new()
    {
        { new Ddn { Radius = Size, Steps = 3, Seed = 1 }, Size * 1.05 }, { new Alma { FirstStep = Size, Steps = 3, Seed = 1 }, Size },
        { new Alma { FirstStep = Size, Steps = 3, Seed = 1, Norm = Norm.L1 }, Size },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public void The_first_step_goes_its_whole_way_among_the_elements_that_may_change(Attack attack, double size)
    {
        using var scope = NewDisposeScope();
        using var network = new Flat();
        var (x, labels) = (full([4, 100], 0.5f), zeros(4, dtype: ScalarType.Int64));
        foreach (var constraint in new[] { null, Constraint.Mask(arange(100).lt(2)) })
        {
            network.Seen.Clear();
            attack.Run(new Classifier(network, Bounds.Unit), x, labels, constraint: constraint).Dispose();
            var first = network.Seen.Select(images => attack.Norm.Size(tensor(images).view(-1, 100) - 0.5)).First(change => change.max().ToDouble() > 0);
            Numbers.Of(first).Should().OnlyContain(change => Math.Abs(change - size) < 1e-4, $"{attack} under {constraint?.ToString() ?? "no constraint"}");
        }
    }

    /// <summary>Class 0 for every image, without a slope; notes the images.</summary>
    private sealed class Flat : nn.Module<Tensor, Tensor>
    {
        internal Flat() : base(nameof(Flat)) => eval();

        internal List<float[]> Seen { get; } = [];

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            Seen.Add(x.detach().data<float>().ToArray());
            return cat([x.narrow(1, 0, 1) * 0 + 2, x.narrow(1, 0, 2) * 0], 1).MoveToOuterDisposeScope();
        }
    }
}
