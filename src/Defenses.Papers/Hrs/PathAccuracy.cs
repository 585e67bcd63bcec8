using Defenses.Statistics;
using Defenses.Switching;
using Defenses.Zoo;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>What every path of a switching network recognises, exactly: no path is drawn, all are taken.</summary>
/// <param name="Images">How many images were looked at.</param>
/// <param name="Paths">A channel for each block, with the number of images that this path recognises.</param>
/// <param name="ByImage">How many paths recognise each image.</param>
public sealed record PathAccuracy(long Images, IReadOnlyList<(int[] Path, long Correct)> Paths, int[] ByImage)
{
    private const int BatchSize = 250;

    /// <summary>The mean over all paths: the accuracy of a network that draws its path. The trials are the images.</summary>
    public Proportion Mean => new(ByImage.Sum(count => (double)count / Paths.Count), Images);

    public Proportion Worst => Of(Paths.Min(path => path.Correct));

    public Proportion Best => Of(Paths.Max(path => path.Correct));

    public Proportion Of(long correct) => new(correct, Images);

    /// <summary>Counts over a whole set. Each channel computes once what all paths above it share.</summary>
    public static PathAccuracy Measure(SwitchingNetwork network, DataSet data, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        var correct = new long[network.Paths.Count];
        var byImage = new int[data.Count];
        for (long start = 0; start < data.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var count = Math.Min(BatchSize, data.Count - start);
            var (images, labels) = (data.Images(start, count), data.Labels.narrow(0, start, count));
            var path = 0;
            foreach (var logits in Outputs(network, 0, images))
            {
                var right = logits.argmax(1).eq(labels).data<bool>().ToArray();
                correct[path++] += right.Count(one => one);
                for (var i = 0; i < right.Length; i++) byImage[start + i] += right[i] ? 1 : 0;
            }
        }
        return new PathAccuracy(data.Count, [.. network.Paths.Select((path, i) => (path.ToArray(), correct[i]))], byImage);
    }

    // In the order of the network's paths: the last block's channel changes fastest.
    private static List<Tensor> Outputs(SwitchingNetwork network, int block, Tensor input) => block == network.Blocks.Count
        ? [input]
        : [.. network.Blocks[block].Channels.SelectMany(channel => Outputs(network, block + 1, channel.call(input)))];
}
