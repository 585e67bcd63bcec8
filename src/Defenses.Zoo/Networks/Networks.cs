using static TorchSharp.torch;

namespace Defenses.Zoo;

/// <summary>The networks of the papers, freshly initialized: the same seed gives the same weights, and torch's global generator does not change.</summary>
/// <remarks>
/// Every network is a <c>Sequential</c> of named layers that ends in logits. Names: <c>conv1</c>, <c>conv2</c>, … and <c>fc1</c>, <c>fc2</c>, …
/// for what has weights (so keys are <c>conv1.weight</c>, <c>fc1.bias</c>, …), <c>relu1</c>, <c>relu2</c>, … for the activations in the order they
/// run, <c>pool1</c>, …, <c>flatten</c> (channel by channel: C, H, W), <c>dropout</c>; in residual networks <c>group1</c> … of blocks <c>0</c>, <c>1</c>,
/// …, each with a <c>body</c> and, where the shape changes, a <c>shortcut</c>. Dropout is active only in training and draws from a stream that
/// is derived from the seed; at rate 0 there is no such layer. Initialization is that of each paper's code: Keras' (Glorot uniform kernels, zero
/// biases) unless stated otherwise. A rate outside [0, 1) is an <see cref="ArgumentOutOfRangeException"/>. The caller disposes the network.
/// </remarks>
public static class Networks
{
    /// <summary>The HRS paper's MNIST network, (N, 1, 28, 28) in [0, 1] → (N, 10): two 3×3 convolutions of 32, two of 64, dense 200, 200, 10.</summary>
    /// <remarks>269,992 parameters up to the first dense layer, 42,210 after it. Source: Wang et al. 2019 (HRS), Table A1; the dropout behind
    /// <c>fc1</c> is only in the code.</remarks>
    /// <param name="seed">The seed of the weights and of the dropout's stream.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training.</param>
    public static nn.Module<Tensor, Tensor> HrsMnist(ulong seed, double dropout = 0.3) => HrsBlocks.Mnist(1, dropout)[0](seed);

    /// <summary>The HRS paper's CIFAR-10 network, (N, 3, 32, 32) in [0, 1] → (N, 10): two 3×3 convolutions of 64, two of 128, dense 256, 256, 10.</summary>
    /// <remarks>1,079,616 parameters up to the first dense layer, 68,362 after it. Source: Wang et al. 2019 (HRS), Table A1.</remarks>
    /// <inheritdoc cref="HrsMnist"/>
    public static nn.Module<Tensor, Tensor> HrsCifar10(ulong seed, double dropout = 0.7) => HrsBlocks.Cifar10(1, dropout)[0](seed);

    /// <summary>The JumpReLU paper's LeNet-like network, (N, 1, 28, 28) → (N, 10): 5×5 convolutions of 10 and 20, pooled before the activation,
    /// dense 120, 90, 10.</summary>
    /// <remarks>Expects inputs normalized by mean 0.1307 and deviation 0.3081. PyTorch's initialization. Source: Erichson et al. 2019.</remarks>
    /// <param name="seed">The seed of the weights and of the dropout's stream.</param>
    /// <param name="dropout">Dropout rate in front of the first dense layer while training.</param>
    public static nn.Module<Tensor, Tensor> LeNetLike(ulong seed, double dropout = 0.5) => SmallNetworks.LeNetLike(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>The JumpReLU paper's AlexNet-like network, (N, 3, 32, 32) → (N, 10): the layers of <see cref="HrsCifar10"/> with dropout elsewhere.</summary>
    /// <remarks>Expects inputs normalized by means (0.4914, 0.4822, 0.4465) and deviations (0.2023, 0.1994, 0.2010). PyTorch's initialization.
    /// Source: Erichson et al. 2019.</remarks>
    /// <inheritdoc cref="LeNetLike"/>
    public static nn.Module<Tensor, Tensor> AlexLike(ulong seed, double dropout = 0.5) => SmallNetworks.AlexLike(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>The Random Spiking MNIST network, (N, 1, 28, 28) in [0, 1] → (N, 10): the layers of <see cref="HrsMnist"/> with padding 1.</summary>
    /// <remarks>The spiking layer belongs behind <c>relu1</c>. The paper follows Carlini and Wagner without padding, the code pads; this is the code's network.
    /// Source: Ge et al. 2020.</remarks>
    /// <param name="seed">The seed of the weights and of the dropout's stream.</param>
    /// <param name="dropout">Dropout rate behind the first dense layer while training; 0.5 in some of the paper's variants.</param>
    public static nn.Module<Tensor, Tensor> RandomSpikingMnist(ulong seed, double dropout = 0) =>
        SmallNetworks.RandomSpikingMnist(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>Feinman's MNIST network, (N, 1, 28, 28) in [0, 1] → (N, 10): two 3×3 convolutions of 64, dense 128, 10.</summary>
    /// <remarks>The density estimate reads <c>relu3</c>. Source: Feinman et al. 2017.</remarks>
    /// <param name="seed">The seed of the weights and of the dropouts' streams.</param>
    /// <param name="dropout">Rate of every dropout while training.</param>
    public static nn.Module<Tensor, Tensor> FeinmanMnist(ulong seed, double dropout = 0.5) => SmallNetworks.FeinmanMnist(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>Feinman's SVHN network, (N, 3, 32, 32) in [0, 1] → (N, 10): two 3×3 convolutions of 64, dense 512, 128, 10.</summary>
    /// <remarks>The density estimate reads <c>relu4</c>. Source: Feinman et al. 2017.</remarks>
    /// <inheritdoc cref="FeinmanMnist"/>
    public static nn.Module<Tensor, Tensor> FeinmanSvhn(ulong seed, double dropout = 0.5) => SmallNetworks.FeinmanSvhn(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>Feinman's CIFAR-10 network, (N, 3, 32, 32) in [0, 1] → (N, 10): 3×3 convolutions of 32, 32, 64, 64, 128, 128 with padding 1,
    /// dense 1024, 512, 10.</summary>
    /// <remarks>Trained in the paper with a penalty of 0.01·Σw² on weights and biases of <c>fc1</c> and <c>fc2</c>. The density estimate reads
    /// <c>relu8</c>. Source: Feinman et al. 2017.</remarks>
    /// <inheritdoc cref="FeinmanMnist"/>
    public static nn.Module<Tensor, Tensor> FeinmanCifar10(ulong seed, double dropout = 0.5) =>
        SmallNetworks.FeinmanCifar10(seed, LayerMaker.CheckedRate(dropout));

    /// <summary>The Random Spiking paper's WRN-28-10, (N, C, H, W) in [0, 1] → (N, 10); 36,479,194 parameters for three colors.</summary>
    /// <remarks>The spiking layer belongs behind <c>relu1</c>. In the code dropout is active at test time: set <c>ActiveIn</c> of these layers
    /// for the same. He normal kernels, batch norm factors uniform within ±0.05. Source: Ge et al. 2020; Zagoruyko and Komodakis 2016.</remarks>
    /// <param name="seed">The seed of the weights and of the dropouts' streams.</param>
    /// <param name="channels">The number of color channels: 3 for CIFAR-10, 1 for Fashion-MNIST.</param>
    /// <param name="dropout">Rate between the two convolutions of a block while training.</param>
    public static nn.Module<Tensor, Tensor> WideResNet28x10(ulong seed, long channels = 3, double dropout = 0.1)
    {
        if (channels < 1) throw new ArgumentOutOfRangeException(nameof(channels), channels, "channels must be at least 1.");
        return WideResNets.RandomSpiking(seed, 28, 10, channels, LayerMaker.CheckedRate(dropout));
    }

    /// <summary>The JumpReLU code's WRN-34-4 (the paper's text says depth 30), (N, 3, 32, 32) → (N, 10).</summary>
    /// <remarks>Expects inputs normalized like <see cref="AlexLike"/>'s. Glorot uniform convolutions, √2 times as wide. Source: Erichson et al. 2019.</remarks>
    /// <param name="seed">The seed of the weights and of the dropouts' streams.</param>
    /// <param name="dropout">Rate between the two convolutions of a block while training; 0 in the code.</param>
    public static nn.Module<Tensor, Tensor> WideResNet34x4(ulong seed, double dropout = 0) =>
        WideResNets.JumpReLU(seed, 34, 4, LayerMaker.CheckedRate(dropout));

    /// <summary>The JumpReLU code's wide residual network of another size, (N, 3, 32, 32) → (N, 10), such as a small one for a CPU.</summary>
    /// <remarks>Three groups of (depth − 4)/6 blocks with 16, 32 and 64 times <paramref name="width"/> channels; depth 34 and width 4 give
    /// <see cref="WideResNet34x4"/>. Expects inputs normalized like <see cref="AlexLike"/>'s. Source: Erichson et al. 2019; Zagoruyko and Komodakis
    /// 2016.</remarks>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="depth">The number of convolutions on the longest path: 6·n + 4 with n at least 1.</param>
    /// <param name="width">The factor of the channels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The depth is not 6·n + 4, or the width is below 1.</exception>
    public static nn.Module<Tensor, Tensor> WideResNet(ulong seed, int depth, int width)
    {
        if (depth < 10 || (depth - 4) % 6 != 0)
            throw new ArgumentOutOfRangeException(nameof(depth), depth, "depth must be 6·n + 4 with n at least 1, such as 10, 16 or 34.");
        if (width < 1) throw new ArgumentOutOfRangeException(nameof(width), width, "width must be at least 1.");
        return WideResNets.JumpReLU(seed, depth, width, dropout: 0);
    }

    /// <summary>The JumpReLU paper's MobileNetV2 for 32×32 images, (N, 3, 32, 32) → (N, 10); with ReLU instead of ReLU6, as in the paper's code.</summary>
    /// <remarks>Expects inputs normalized like <see cref="AlexLike"/>'s. PyTorch's initialization. Source: Erichson et al. 2019; Sandler et al. 2018.</remarks>
    /// <param name="seed">The seed of the weights.</param>
    public static nn.Module<Tensor, Tensor> MobileNetV2(ulong seed) => MobileNets.Cifar10(seed, 1);

    /// <summary>The same with other numbers of channels, (N, 3, 32, 32) → (N, 10), such as a small one for a CPU.</summary>
    /// <remarks>Channels are multiplied by <paramref name="width"/> and rounded to multiples of 8, at least 8 and never below nine tenths of the product;
    /// the 1,280 of the last convolution never become fewer. At width 1 it is <see cref="MobileNetV2(ulong)"/>. Source: Sandler et al. 2018, section 4, and the
    /// rounding of its code.</remarks>
    /// <param name="seed">The seed of the weights.</param>
    /// <param name="width">The width multiplier, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not a finite number above 0.</exception>
    public static nn.Module<Tensor, Tensor> MobileNetV2(ulong seed, double width) => width > 0 && double.IsFinite(width) ? MobileNets.Cifar10(seed, width)
        : throw new ArgumentOutOfRangeException(nameof(width), width, "width must be a finite number above 0.");
}
