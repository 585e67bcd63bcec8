namespace Defenses.Papers;

/// <summary>The experiments of the JumpReLU paper with small networks, and what attacks do to it that know of the jump.</summary>
internal sealed class JumpProtocol : IProtocol
{
    public string Name => "jumprelu";

    public string Paper => "Erichson, Yao, Mahoney 2019, JumpReLU: A Retrofit Defense Strategy for Adversarial Attacks (arXiv 1904.03750)";

    public string Reproduces =>
        "tables 1 to 4: accuracy and relative perturbation under its PGD, DeepFool and TR for thresholds on plain and robust-trained networks, gray box, "
            + "detection by local dimensionality, and the trade-off curve of κ, for the LeNet-like network and the AlexNet-like one, on CIFAR-10 also for "
            + "WideResNet and MobileNetV2; and attacks that know of the jump";

    public IReadOnlyList<string> DataSets => ["mnist", "fashion-mnist", "cifar10"];

    public string Sizes(string preset, string dataSet, int? images)
    {
        var sizes = JumpSizes.Of(preset, dataSet == "cifar10", images).Describe();
        return dataSet == "cifar10" && JumpSizes.Wide(preset, images) is { } wide
            ? $"{sizes}; each of two wide networks on {wide.Training.Images} images for {TextFormat.Counted(wide.Training.Epochs, "epoch", "epochs")}, "
                + $"{wide.Attacked.Paper} images attacked"
            : sizes;
    }

    public ProtocolReport Run(ProtocolContext context)
    {
        var (sizes, task) = (JumpSizes.Of(context.Preset, context.Data.IsColor, context.Images), JumpTask.For(context.Data));
        var results = On(context, sizes, task, measurement => measurement.Measure());
        return context.Report(new JumpPage(sizes, task, context.Data, results with { Wide = [.. Wide(context)] }).Make());
    }

    // Only for CIFAR-10, and not where the preset leaves them out.
    private static IEnumerable<JumpNetwork> Wide(ProtocolContext context) =>
        context.Data.Key == "cifar10" && JumpSizes.Wide(context.Preset, context.Images) is { } sizes
            ? JumpTask.Wide(context.Preset).Select(task => On(context, sizes, task, measurement => measurement.MeasureTables())) : [];

    private static T On<T>(ProtocolContext context, JumpSizes sizes, JumpTask task, Func<JumpMeasurement, T> measure)
    {
        using var plain = JumpModel.Train(context, sizes, task, isRobust: false);
        using var robust = JumpModel.Train(context, sizes, task, isRobust: true);
        return measure(new JumpMeasurement(context, sizes, task, plain, robust));
    }
}
