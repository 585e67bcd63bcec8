namespace Defenses.Papers;

/// <summary>What each part of a transfer attack adds on small networks, and what stronger transfer does to random spiking.</summary>
internal sealed class TransferProtocol : IProtocol
{
    public string Name => "transfer";

    public string Paper => "Dong et al. 2018, Boosting Adversarial Attacks with Momentum (CVPR), and the methods after it";

    public string Reproduces =>
        "the comparison of transfer attacks at equal ε, part by part, from one network and from several, on a standard network and on one with the random "
            + "spiking of Ge et al. 2020";

    public IReadOnlyList<string> DataSets => ["mnist", "fashion-mnist", "cifar10"];

    public string Sizes(string preset, string dataSet, int? images) => TransferSizes.Of(preset, dataSet, images).Describe();

    public ProtocolReport Run(ProtocolContext context)
    {
        var sizes = TransferSizes.Of(context.Preset, context.Data.Key, context.Images);
        using var models = new TransferModels(context, sizes);
        return context.Report(new TransferPage(sizes, context.Data, new TransferMeasurement(context, sizes, models).Measure()).Make());
    }
}
