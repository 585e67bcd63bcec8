using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>The values of a network's buffers, written back on dispose.</summary>
internal sealed class BufferSnapshot(nn.Module network) : IDisposable
{
    private readonly (Tensor Buffer, Tensor Value)[] _kept = [.. network.buffers().Select(buffer => (buffer, buffer.detach().clone()))];

    public void Dispose()
    {
        using var noGrad = no_grad();
        foreach (var (buffer, value) in _kept)
        {
            buffer.copy_(value);
            value.Dispose();
        }
    }
}
