using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The sum of a body and a shortcut: y = body(x) + shortcut(x), or body(x) + x without one.</summary>
/// <remarks>Shape: (N, C, H, W) → (N, C′, H′, W′), as the body's.</remarks>
internal sealed class Residual : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "body")] private readonly nn.Module<Tensor, Tensor> _body;
    [ComponentName(Name = "shortcut")] private readonly nn.Module<Tensor, Tensor>? _shortcut;

    public Residual(nn.Module<Tensor, Tensor> body, nn.Module<Tensor, Tensor>? shortcut) : base(nameof(Residual))
    {
        (_body, _shortcut) = (body, shortcut);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var left = _body.call(input);   // no scope: inner modules may keep tensors that they make
        var right = _shortcut is null ? input : _shortcut.call(input);
        var sum = left.add(right);
        if (!ReferenceEquals(left, input)) left.Dispose();
        if (!ReferenceEquals(right, input)) right.Dispose();
        return sum;
    }
}
