using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Detection;

/// <summary>Pictures of 2×2 squares of one colour are clean; a chequered pattern upon them is the attack, and an auto-encoder
/// that blurs takes it away exactly.</summary>
internal static class Checkers
{
    /// <summary>Means over 2×2 squares.</summary>
    internal static Sequential AutoEncoder()
    {
        var blur = nn.Sequential(("pool", nn.AvgPool2d(2)), ("upsample", nn.Upsample(scale_factor: [2, 2])));
        blur.eval();
        return blur;
    }

    /// <summary>(N, 1, 4, 4): squares, a little noise, and the pattern at the given strength.</summary>
    internal static Tensor Pictures(long count, double strength, ulong seed, double noise = 0.02)
    {
        using var scope = NewDisposeScope();
        using var blur = AutoEncoder();
        var squares = blur.call(Numbers.Uniform([count, 1, 4, 4], seed: seed)) * 0.4 + 0.3;
        return (squares + Numbers.Normal([count, 1, 4, 4], seed: seed + 100) * noise + Pattern() * strength).clamp(0, 1).MoveToOuterDisposeScope();
    }

    /// <summary>1 and −1 in turns, (1, 1, 4, 4).</summary>
    internal static Tensor Pattern()
    {
        using var scope = NewDisposeScope();
        var line = tensor(new[] { 1f, -1, 1, -1 });
        return (line.unsqueeze(1) * line.unsqueeze(0)).view(1, 1, 4, 4).MoveToOuterDisposeScope();
    }

    /// <summary>Two classes: whether the picture is bright, of which the pattern can convince it, too.</summary>
    internal sealed class Gullible : nn.Module<Tensor, Tensor>
    {
        internal Gullible() : base(nameof(Gullible)) => eval();

        internal Classifier Model => new(this, Bounds.Unit);

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            using var pattern = Pattern();
            var odds = 8 * (x.flatten(1).mean([1]) - 0.5) + (x * pattern).flatten(1).sum(1);
            return stack([-odds, odds], 1).MoveToOuterDisposeScope();
        }
    }
}
