namespace Defenses.Papers;

/// <summary>Numbers that the paper prints.</summary>
internal static class HrsPaper
{
    /// <summary>Table A2: accuracies on MNIST and CIFAR-10, by what we call the defense; HRS for its own numbers of channels.</summary>
    internal static double? Accuracy(string defense, string dataSet)
    {
        (double? Mnist, double? Cifar) row = defense switch
        {
            "base" => (0.9904, 0.7917), "SAP" => (0.9902, 0.7916), "dropout 0.1" => (0.9898, 0.7908), "dropout 0.3" => (0.9868, 0.7865),
            "dropout 0.7" => (null, 0.7602),
            "Gaussian 0.2/0.1" => (0.9902, null), "Gaussian 0.02/0.01" => (null, 0.7804),
            "HRS 10×10" => (0.9895, 0.7893), "HRS 20×20" => (0.9891, 0.7876), "HRS 30×30" => (0.9885, 0.7869), _ => (null, null),
        };
        return dataSet switch { "mnist" => row.Mnist, "cifar10" => row.Cifar, _ => null };
    }

    /// <summary>Table A2: the standard deviation of the accuracy over repeated evaluations, in units of 10⁻⁴.</summary>
    internal static double? Deviation(string defense, string dataSet)
    {
        (double? Mnist, double? Cifar) row = defense switch
        {
            "SAP" => (1.47, 2.81), "dropout 0.1" => (3.45, 7.99), "dropout 0.3" => (6.06, 16.67), "dropout 0.7" => (null, 24.52),
            "Gaussian 0.2/0.1" => (5.82, null), "Gaussian 0.02/0.01" => (null, 7.25),
            "HRS 10×10" => (5.33, 26.81), "HRS 20×20" => (6.02, 20.32), "HRS 30×30" => (8.31, 23.25), _ => (null, null),
        };
        return dataSet switch { "mnist" => row.Mnist, "cifar10" => row.Cifar, _ => null };
    }

    /// <summary>Table A2: the largest loss of accuracy of HRS against the base, in a fraction, and the data set that it is of: MNIST for grey images,
    /// CIFAR-10 for the others.</summary>
    internal static (double Loss, string Of) LargestLoss(string dataSet) => dataSet == "cifar10" ? (0.0048, "CIFAR-10") : (0.0019, "MNIST");

    /// <summary>Table 1: the deviation of gradients; the paper does not name the data, its dropout of 0.7 occurs for CIFAR-10 only.</summary>
    internal static double? GradientDeviation(string defense) => defense switch
    {
        "base" => 0, "SAP" => 0.0343, "dropout 0.1" => 0.1143, "dropout 0.3" => 0.2295, "dropout 0.7" => 0.5186,
        "Gaussian 0.2/0.1" or "Gaussian 0.02/0.01" => 0.6413,
        "HRS 10×10" => 0.7376, "HRS 20×20" => 0.7888, "HRS 30×30" => 0.7983, _ => null,
    };

    /// <summary>Table 1: the mean defense rate under PGD over strengths that are not listed.</summary>
    internal static double? MeanRate(string defense) => defense switch
    {
        "base" => 0.2918, "SAP" => 0.2940, "dropout 0.1" => 0.2960, "dropout 0.3" => 0.2963, "dropout 0.7" => 0.3262,
        "Gaussian 0.2/0.1" or "Gaussian 0.02/0.01" => 0.3992,
        "HRS 10×10" => 0.6103, "HRS 20×20" => 0.6667, "HRS 30×30" => 0.6970, _ => null,
    };

    /// <summary>Table 2: mean DES by family and attack.</summary>
    internal static double? Score(string family, string attack, string dataSet) => (dataSet, family, attack) switch
    {
        ("mnist", "dropout", "FGSM") => 11.99, ("mnist", "dropout", "PGD") => 17.94, ("mnist", "dropout", "CW-PGD") => 19.55,
        ("mnist", "Gaussian", "FGSM") => 14.90, ("mnist", "Gaussian", "PGD") => 71.78, ("mnist", "Gaussian", "CW-PGD") => 82.76,
        ("mnist", "HRS", "FGSM") => 36.41, ("mnist", "HRS", "PGD") => 76.64, ("mnist", "HRS", "CW-PGD") => 74.90,
        ("cifar10", "dropout", "FGSM") => 1.09, ("cifar10", "dropout", "PGD") => 0.81, ("cifar10", "dropout", "CW-PGD") => 0.76,
        ("cifar10", "Gaussian", "FGSM") => 2.73, ("cifar10", "Gaussian", "PGD") => 6.17, ("cifar10", "Gaussian", "CW-PGD") => 5.47,
        ("cifar10", "adv. training", "FGSM") => 5.05, ("cifar10", "adv. training", "PGD") => 7.37, ("cifar10", "adv. training", "CW-PGD") => 6.57,
        ("cifar10", "HRS", "FGSM") => 32.23, ("cifar10", "HRS", "PGD") => 35.43, ("cifar10", "HRS", "CW-PGD") => 35.55,
        _ => null,
    };

    /// <summary>Table A3: accuracy of 5 channels in each of one, two and three blocks, on CIFAR-10.</summary>
    internal static double? Blocks(int blocks, string dataSet) => (dataSet, blocks) switch { ("cifar10", 1) => 0.7878, ("cifar10", 2) => 0.7874,
        ("cifar10", 3) => 0.7492, _ => null };

    /// <summary>Table A3: defense rate under CW-PGD on CIFAR-10, 1 minus the success that the paper prints, at ε in 255ths.</summary>
    internal static double? BlocksRate(int blocks, double strength, string dataSet) => (dataSet, blocks, strength) switch
    {
        ("cifar10", 1, 1) => 0.944, ("cifar10", 1, 2) => 0.836, ("cifar10", 1, 4) => 0.533, ("cifar10", 1, 6) => 0.233, ("cifar10", 1, 8) => 0.145,
        ("cifar10", 2, 1) => 0.967, ("cifar10", 2, 2) => 0.900, ("cifar10", 2, 4) => 0.644, ("cifar10", 2, 6) => 0.357, ("cifar10", 2, 8) => 0.188,
        ("cifar10", 3, 1) => 0.971, ("cifar10", 3, 2) => 0.869, ("cifar10", 3, 4) => 0.663, ("cifar10", 3, 6) => 0.448, ("cifar10", 3, 8) => 0.341,
        _ => null,
    };

    /// <summary>Section 7: MNIST digits recognised by the unprotected CIFAR-10 network through a program with kernel 3 or 2.</summary>
    internal static double? Program(string defense, int kernel) => (defense, kernel) switch { ("base", 3) => 0.9507, ("base", 2) => 0.9053, _ => null };

    /// <summary>Defense rates on CIFAR-10 at ε = 8/255: "of the other random defenses all attacks succeed".</summary>
    internal static double? Rate(string defense, string attack, string dataSet) => (dataSet, defense, attack) switch
    {
        ("cifar10", "HRS 30×30", "PGD") => 0.489, ("cifar10", "HRS 30×30", "CW-PGD") => 0.455,
        ("cifar10", "SAP" or "dropout 0.1" or "dropout 0.3" or "dropout 0.7" or "Gaussian 0.02/0.01", "PGD" or "CW-PGD") => 0, _ => null,
    };
}
