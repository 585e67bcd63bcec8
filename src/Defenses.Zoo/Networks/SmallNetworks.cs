using TorchSharp.Modules;

namespace Defenses.Zoo;

/// <summary>The small convolutional networks of the JumpReLU, Random Spiking and Feinman papers, layer by layer.</summary>
internal static class SmallNetworks
{
    public static Sequential LeNetLike(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Torch);
        return new LayerList(make)
            .Add("conv1", make.Conv(1, 10, 5)).Pool(1).ReLU(1)                        // (N, 10, 12, 12): pool before activation
            .Add("conv2", make.Conv(10, 20, 5)).Pool(2).ReLU(2)                       // (N, 20, 4, 4)
            .Flatten().Dropout("dropout", dropout)
            .Linear(1, 320, 120).ReLU(3).Linear(2, 120, 90).ReLU(4).Linear(3, 90, 10).Build();
    }

    public static Sequential AlexLike(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Torch);
        return new LayerList(make)
            .ConvReLU(1, 3, 64).ConvReLU(2, 64, 64).Pool(1)                           // (N, 64, 14, 14)
            .ConvReLU(3, 64, 128).ConvReLU(4, 128, 128).Pool(2)                       // (N, 128, 5, 5)
            .Flatten().Dropout("dropout", dropout)
            .Linear(1, 3200, 256).ReLU(5).Linear(2, 256, 256).ReLU(6).Linear(3, 256, 10).Build();
    }

    public static Sequential RandomSpikingMnist(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make)
            .ConvReLU(1, 1, 32, padding: 1).ConvReLU(2, 32, 32, padding: 1).Pool(1)   // (N, 32, 14, 14)
            .ConvReLU(3, 32, 64, padding: 1).ConvReLU(4, 64, 64, padding: 1).Pool(2)  // (N, 64, 7, 7)
            .Flatten().Linear(1, 3136, 200).ReLU(5).Dropout("dropout", dropout)
            .Linear(2, 200, 200).ReLU(6).Linear(3, 200, 10).Build();
    }

    public static Sequential FeinmanMnist(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make)
            .ConvReLU(1, 1, 64).ConvReLU(2, 64, 64).Pool(1).Dropout("dropout1", dropout)   // (N, 64, 12, 12)
            .Flatten().Linear(1, 9216, 128).ReLU(3).Dropout("dropout2", dropout)
            .Linear(2, 128, 10).Build();
    }

    public static Sequential FeinmanSvhn(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make)
            .ConvReLU(1, 3, 64).ConvReLU(2, 64, 64).Pool(1).Dropout("dropout1", dropout)   // (N, 64, 14, 14)
            .Flatten().Linear(1, 12544, 512).ReLU(3).Dropout("dropout2", dropout)
            .Linear(2, 512, 128).ReLU(4).Dropout("dropout3", dropout)
            .Linear(3, 128, 10).Build();
    }

    public static Sequential FeinmanCifar10(ulong seed, double dropout)
    {
        using var make = new LayerMaker(seed, Initializations.Keras);
        return new LayerList(make)
            .ConvReLU(1, 3, 32, padding: 1).ConvReLU(2, 32, 32, padding: 1).Pool(1)        // (N, 32, 16, 16)
            .ConvReLU(3, 32, 64, padding: 1).ConvReLU(4, 64, 64, padding: 1).Pool(2)       // (N, 64, 8, 8)
            .ConvReLU(5, 64, 128, padding: 1).ConvReLU(6, 128, 128, padding: 1).Pool(3)    // (N, 128, 4, 4)
            .Flatten().Dropout("dropout1", dropout).Linear(1, 2048, 1024).ReLU(7)
            .Dropout("dropout2", dropout).Linear(2, 1024, 512).ReLU(8)
            .Dropout("dropout3", dropout).Linear(3, 512, 10).Build();
    }
}
