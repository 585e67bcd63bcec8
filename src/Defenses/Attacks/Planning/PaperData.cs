namespace Defenses.Attacks;

/// <summary>The data sets for which papers give settings of their own; see <see cref="Presets"/>. Pixels lie in [0, 1].</summary>
public enum PaperData
{
    /// <summary>MNIST.</summary>
    Mnist,

    /// <summary>Fashion-MNIST.</summary>
    FashionMnist,

    /// <summary>CIFAR-10.</summary>
    Cifar10,

    /// <summary>Street view house numbers.</summary>
    Svhn,
}
