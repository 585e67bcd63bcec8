using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The wide residual networks of the Random Spiking and JumpReLU papers, which differ not only in size.</summary>
internal static class WideResNets
{
    /// <summary>As the Random Spiking code builds it: no convolution biases; where the shape changes, norm and ReLU come before both branches.</summary>
    public static Sequential RandomSpiking(ulong seed, int depth, int width, long channels, double dropout)
    {
        const double momentum = 0.9;                              // Keras' 0.1 is the weight of the old value
        const double spread = 0.05;                               // Keras' "uniform" factors
        using var make = new LayerMaker(seed, Initializations.HeNormal);
        var layers = new LayerList(make).Add("conv1", make.Conv(channels, 16, 3, padding: 1, bias: false));
        long from = 16;
        for (var group = 1; group <= 3; group++)
        {
            var to = (8L << group) * width;                       // 16, 32, 64 times the width
            layers.Add($"bn{group}", make.Norm(from, momentum, spread)).ReLU(group);
            var blocks = new LayerList(make).Add("0", Expand(make, from, to, group == 1 ? 1 : 2, dropout, momentum, spread));
            for (var block = 1; block < (depth - 4) / 6; block++) blocks.Add($"{block}", Plain(make, to, dropout, momentum, spread));
            layers.Add($"group{group}", blocks.Build());
            from = to;
        }

        return layers.Add("bn4", make.Norm(from, momentum, spread)).ReLU(4).Add("pool", nn.AdaptiveAvgPool2d(1))
            .Flatten().Linear(1, from, 10, Initializations.Keras).Build();
    }

    /// <summary>As the JumpReLU code builds it: convolutions with biases, the stride in a block's second convolution, shortcuts from the raw input.</summary>
    public static Sequential JumpReLU(ulong seed, int depth, int width, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.WideGlorot);
        var layers = new LayerList(make).Add("conv1", make.Conv(3, 16, 3, padding: 1));
        long from = 16;
        for (var group = 1; group <= 3; group++)
        {
            var to = (8L << group) * width;
            var blocks = new LayerList(make);
            for (var block = 0; block < (depth - 4) / 6; block++, from = to)
                blocks.Add($"{block}", PreActivated(make, from, to, group > 1 && block == 0 ? 2 : 1, dropout));
            layers.Add($"group{group}", blocks.Build());
        }

        return layers.Add("bn1", make.Norm(from, momentum: 0.9)).ReLU(1).Add("pool", nn.AdaptiveAvgPool2d(1))
            .Flatten().Linear(1, from, 10, Initializations.Torch).Build();
    }

    private static Residual Expand(LayerMaker make, long from, long to, long stride, double dropout, double momentum, double spread)
    {
        var body = new LayerList(make)
            .Add("conv1", make.Conv(from, to, 3, stride, padding: 1, bias: false))
            .Add("bn2", make.Norm(to, momentum, spread)).ReLU(2).Dropout("dropout", dropout)
            .Add("conv2", make.Conv(to, to, 3, padding: 1, bias: false)).Build();
        return new Residual(body, make.Conv(from, to, 1, stride, bias: false));
    }

    private static Residual Plain(LayerMaker make, long width, double dropout, double momentum, double spread)
    {
        var body = new LayerList(make)
            .Add("bn1", make.Norm(width, momentum, spread)).ReLU(1)
            .Add("conv1", make.Conv(width, width, 3, padding: 1, bias: false)).Dropout("dropout", dropout)
            .Add("bn2", make.Norm(width, momentum, spread)).ReLU(2)
            .Add("conv2", make.Conv(width, width, 3, padding: 1, bias: false)).Build();
        return new Residual(body, null);
    }

    private static Residual PreActivated(LayerMaker make, long from, long to, long stride, double dropout)
    {
        var body = new LayerList(make)
            .Add("bn1", make.Norm(from)).ReLU(1)
            .Add("conv1", make.Conv(from, to, 3, padding: 1)).Dropout("dropout", dropout)
            .Add("bn2", make.Norm(to)).ReLU(2)
            .Add("conv2", make.Conv(to, to, 3, stride, padding: 1)).Build();
        return new Residual(body, stride == 1 && from == to ? null : make.Conv(from, to, 1, stride));
    }
}
