using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Retrofit;

/// <summary>How often a network is right about each image, over fresh draws that are the same at every look.</summary>
internal sealed class AccuracyMeasure
{
    private readonly Tensor _images, _labels;
    private readonly StrengthSearch _search;
    private readonly ulong _seed;

    internal AccuracyMeasure(Tensor images, Tensor labels, StrengthSearch search)
    {
        (_images, _labels, _search) = (images, labels, search);
        _seed = search.Seed ?? Seeds.Unpredictable();
        Require.Labels(labels, images.shape[0], long.MaxValue, nameof(labels));
    }

    /// <summary>The share of draws in which each image is recognised: 0 or 1 for a network that does not draw.</summary>
    internal double[] Shares(nn.Module<Tensor, Tensor> network, CancellationToken cancellation)
    {
        using var mode = new EvaluationMode(network);
        using var streams = network.LendStreams(_seed);
        using var noGrad = no_grad();
        var draws = network.IsRandom() ? _search.Draws : 1;
        var shares = new List<double>();
        for (long start = 0; start < _images.shape[0]; start += _search.BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(_search.BatchSize, _images.shape[0] - start);
            using var scope = NewDisposeScope();
            shares.AddRange(Right(network, _images.narrow(0, start, count), _labels.narrow(0, start, count), draws).data<double>());
        }
        return [.. shares];
    }

    private static Tensor Right(nn.Module<Tensor, Tensor> network, Tensor x, Tensor labels, int draws)
    {
        using var scope = NewDisposeScope();
        var right = zeros_like(labels, dtype: ScalarType.Float64);
        for (var draw = 0; draw < draws; draw++)
        {
            using var pass = NewDisposeScope();
            var scores = ForwardPass.Run(network, x);
            if (scores.dim() != 2 || scores.shape[0] != x.shape[0])
                throw new InvalidOperationException($"The network must give scores of shape (N, classes); for a batch of {x.shape[0]} it gave {Require.Shape(scores)}.");
            Require.Labels(labels, x.shape[0], scores.shape[1], nameof(labels));
            right.add_(scores.argmax(1).eq(labels).to_type(ScalarType.Float64));
        }
        return right.div_(draws).cpu().MoveToOuterDisposeScope();
    }
}
