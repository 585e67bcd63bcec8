namespace DefenseBench.Protocols.Jump;

/// <summary>The MNIST experiments of the JumpReLU paper, and what attacks do to it that know of the jump.</summary>
internal sealed class JumpProtocol : IProtocol
{
    public string Name => "jumprelu";

    public string Paper => "Erichson, Yao, Mahoney 2019, JumpReLU: A Retrofit Defense Strategy for Adversarial Attacks (arXiv 1904.03750)";

    public string Reproduces =>
        "accuracy and relative perturbation under its PGD, DeepFool and TR for thresholds on plain and robust-trained networks, gray-box transfer, the trade-off curve of κ, on MNIST; and adaptive attacks";

    public IReadOnlyList<string> DataSets => ["mnist"];

    public string Sizes(string preset) => JumpSizes.Of(preset).Describe();

    public ProtocolReport Run(ProtocolContext context)
    {
        var sizes = JumpSizes.Of(context.Preset);
        using var plain = JumpModel.Train(context, sizes, isRobust: false);
        using var robust = JumpModel.Train(context, sizes, isRobust: true);
        return context.Report(new JumpPage(sizes, new JumpWork(context, sizes, plain, robust).Measure()).Make());
    }
}
