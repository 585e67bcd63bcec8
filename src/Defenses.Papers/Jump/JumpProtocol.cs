namespace Defenses.Papers;

/// <summary>The experiments of the JumpReLU paper with small networks, and what attacks do to it that know of the jump.</summary>
internal sealed class JumpProtocol : IProtocol
{
    public string Name => "jumprelu";

    public string Paper => "Erichson, Yao, Mahoney 2019, JumpReLU: A Retrofit Defense Strategy for Adversarial Attacks (arXiv 1904.03750)";

    public string Reproduces =>
        "accuracy and relative perturbation under its PGD, DeepFool and TR for thresholds on plain and robust-trained networks, gray-box transfer, the "
            + "trade-off curve of κ, for the LeNet-like network and the AlexNet-like one; and attacks that know of the jump";

    public IReadOnlyList<string> DataSets => ["mnist", "fashion-mnist", "cifar10"];

    public string Sizes(string preset, string dataSet, int? images) => JumpSizes.Of(preset, dataSet == "cifar10", images).Describe();

    public ProtocolReport Run(ProtocolContext context)
    {
        var (sizes, task) = (JumpSizes.Of(context.Preset, context.Data.IsColor, context.Images), JumpTask.For(context.Data));
        using var plain = JumpModel.Train(context, sizes, task, isRobust: false);
        using var robust = JumpModel.Train(context, sizes, task, isRobust: true);
        return context.Report(new JumpPage(sizes, task, context.Data, new JumpMeasurement(context, sizes, task, plain, robust).Measure()).Make());
    }
}
