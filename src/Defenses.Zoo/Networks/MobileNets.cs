using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>MobileNetV2 for 32×32 images, as the JumpReLU code builds it.</summary>
internal static class MobileNets
{
    // Expansion, channels, blocks, stride of the first; the strides of the first two groups are 1 for small images.
    private static readonly (long Expansion, long Channels, int Blocks, long Stride)[] Groups =
        [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    public static Sequential Cifar10(ulong seed, double width)
    {
        using var make = new LayerMaker(seed, Initializations.Torch);
        var from = Channels(32, width);
        var layers = new LayerList(make)
            .Add("conv1", make.Conv(3, from, 3, padding: 1, bias: false)).Add("bn1", make.Norm(from)).ReLU(1);
        for (var group = 0; group < Groups.Length; group++)
        {
            var (expansion, channels, count, stride) = Groups[group];
            var to = Channels(channels, width);
            var blocks = new LayerList(make);
            for (var block = 0; block < count; block++, from = to)
                blocks.Add($"{block}", Block(make, from, to, expansion, block == 0 ? stride : 1));
            layers.Add($"group{group + 1}", blocks.Build());
        }

        var last = Channels(1280, Math.Max(1, width));
        return layers.Add("conv2", make.Conv(from, last, 1, bias: false)).Add("bn2", make.Norm(last)).ReLU(2)
            .Add("pool", nn.AdaptiveAvgPool2d(1)).Flatten().Linear(1, last, 10).Build();
    }

    // The nearest multiple of 8, at least 8; the next one where that takes away more than a tenth.
    private static long Channels(long full, double width)
    {
        var wanted = full * width;
        var rounded = Math.Max(8, (long)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }

    // Widen, filter each channel separately, narrow; a shortcut only if the size stays.
    private static nn.Module<Tensor, Tensor> Block(LayerMaker make, long from, long to, long expansion, long stride)
    {
        var wide = expansion * from;
        var body = new LayerList(make)
            .Add("conv1", make.Conv(from, wide, 1, bias: false)).Add("bn1", make.Norm(wide)).ReLU(1)
            .Add("conv2", make.Conv(wide, wide, 3, stride, padding: 1, groups: wide, bias: false)).Add("bn2", make.Norm(wide)).ReLU(2)
            .Add("conv3", make.Conv(wide, to, 1, bias: false)).Add("bn3", make.Norm(to)).Build();
        if (stride != 1) return nn.Sequential(("body", body));
        var shortcut = from == to ? null : nn.Sequential(("conv", make.Conv(from, to, 1, bias: false)), ("bn", make.Norm(to)));
        return new Residual(body, shortcut);
    }
}
