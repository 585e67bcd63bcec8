using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>The images of a block, read when they are first needed: a finished block need not be read at all.</summary>
internal sealed class BlockImages(Plan plan, long block) : IDisposable
{
    private (Tensor Images, Tensor Labels)? _read;

    internal Tensor X => Read().Images;

    internal Tensor Labels => Read().Labels;

    public void Dispose()
    {
        _read?.Images.Dispose();
        _read?.Labels.Dispose();
    }

    private (Tensor Images, Tensor Labels) Read()
    {
        if (_read is { } read) return read;
        using var scope = NewDisposeScope();
        var (first, count) = plan.Block(block);
        var (images, labels) = plan.Examples.Read(first, count);
        images.DetachFromDisposeScope();
        labels.DetachFromDisposeScope();
        _read = (images, labels);
        return (images, labels);
    }
}
