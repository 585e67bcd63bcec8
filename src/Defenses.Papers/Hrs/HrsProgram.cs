using Defenses.Statistics;

namespace Defenses.Papers;

/// <summary>What reprogramming made of a defense.</summary>
/// <param name="Defense">Its name.</param>
/// <param name="Setting">What the attacker saw in each step: one draw, or a mean.</param>
/// <param name="Accuracy">The attacker's task, recognised by the deployed network through the program, each image by one fresh answer.</param>
/// <param name="Epochs">The same on the view that the attacker trains on, after each epoch.</param>
internal sealed record HrsProgram(string Defense, string Setting, Proportion Accuracy, double[] Epochs)
{
    /// <summary>Height and width of the kernel: 3, or 2. It stands in the name of the step, not in its result.</summary>
    internal int Kernel { get; init; } = 3;

    /// <summary>The set of digits that it was measured on. It stands beside its result, as the kernel does.</summary>
    internal string Task { get; init; } = "MNIST test set";

    /// <summary>Whether the digits are the paper's; if not, a run without MNIST draws its own.</summary>
    internal bool IsOnMnist { get; init; } = true;

    /// <summary>The setting with the kernel.</summary>
    internal string With => $"{Setting}, kernel {Kernel}";
}
