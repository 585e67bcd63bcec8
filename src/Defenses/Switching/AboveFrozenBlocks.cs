using Defenses.Randomness;
using Defenses.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Switching;

/// <summary>
/// The cross-entropy of fresh channels on what the finished blocks below make of the images. Those keep their weights and statistics, but go on
/// switching, batch by batch, and dropping out.
/// </summary>
internal sealed class AboveFrozenBlocks : TrainingObjective, IDisposable
{
    private readonly SwitchingNetwork? _lower;
    private readonly LentStreams? _streams;

    /// <param name="lower">The finished blocks, or null for the first block.</param>
    internal AboveFrozenBlocks(SwitchingNetwork? lower)
    {
        if (lower is null) return;
        (_lower, _streams) = (lower, new LentStreams(lower));
        lower.train();
        foreach (var module in lower.modules())
            if (module.buffers(recurse: false).Any()) module.eval();   // batch norm keeps the statistics it was trained with
        foreach (var parameter in lower.parameters()) parameter.requires_grad_(false);
    }

    /// <inheritdoc/>
    protected internal override (Tensor Loss, Tensor Logits) Compute(
        nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels, RandomSource random)
    {
        var logits = ForwardPass.Run(network, Below(images, random.Seed));   // (channels, N, classes)
        var loss = Enumerable.Range(0, (int)logits.shape[0])
            .Select(channel => CrossEntropyObjective.Loss(logits.select(0, channel), labels))
            .Aggregate((sum, next) => sum + next);
        return (loss, logits);
    }

    /// <inheritdoc/>
    public override string ToString() => $"cross-entropy above {_lower?.Blocks.Count ?? 0} frozen blocks";

    /// <summary>Gives the finished blocks their streams back.</summary>
    public void Dispose() => _streams?.Dispose();

    private Tensor Below(Tensor images, ulong seed)
    {
        if (_lower is null) return images;
        using var noGrad = no_grad();
        _streams!.Restart(seed);
        return ForwardPass.Run(_lower, images);
    }
}
