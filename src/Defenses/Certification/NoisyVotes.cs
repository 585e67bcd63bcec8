using Defenses.Inference;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Certification;

/// <summary>Counts the answers of a model to one image under Gaussian noise, in passes of bounded size.</summary>
/// <param name="model">The base classifier.</param>
/// <param name="std">σ of the noise.</param>
/// <param name="rows">The most draws in one pass.</param>
internal sealed class NoisyVotes(ModelView model, double std, int rows)
{
    // Layers that draw once for a batch would make the draws of a pass dependent, and the counts no longer binomial.
    private readonly int _rows = model.IsRandom && !model.Networks.All(DrawFolding.Possible) ? 1 : rows;

    /// <summary>Votes for each class, of an image (1, …); an answer that is not a number is no vote. The seed decides all draws.</summary>
    internal long[] Count(Tensor image, long draws, ulong seed, CancellationToken cancellation)
    {
        using var streams = model.LendStreams(Seeds.Combine(seed, "model"));
        using var noise = new RandomSource(Seeds.Combine(seed, "noise"));
        using var noGrad = no_grad();
        long[] counts = [];
        for (var left = draws; left > 0; left -= _rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var like = empty([Math.Min(left, _rows), .. image.shape[1..]], dtype: image.dtype, device: image.device);
            var logits = model.ComputeLogits(noise.Normal(like, std).add_(image));
            var answers = logits.index_select(0, logits.isnan().any(1).logical_not().nonzero().squeeze(1));
            var votes = answers.shape[0] == 0 ? new long[logits.shape[1]] : Votes.Count(answers.unsqueeze(1)).flatten().cpu().data<long>().ToArray();
            counts = counts.Length == 0 ? votes : [.. counts.Zip(votes, (sum, next) => sum + next)];
        }
        return counts;
    }
}
