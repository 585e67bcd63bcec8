namespace Defenses.Papers;

/// <summary>The evaluation of the Random Spiking paper.</summary>
internal sealed class SpikingProtocol : IProtocol
{
    public string Name => "random-spiking";

    public string Paper => "Ge, Chau, Ribeiro, Li 2020, Random Spiking and Systematic Evaluation of Defenses Against Adversarial Examples (CODASPY)";

    public string Reproduces =>
        "accuracy, C&W on one model, translucent-box transfer with validation by L2 distance, resilience between schemes (voting draws, MagNet and "
            + "region-based classification among them, the last under OPTMARGIN, too), stability under noise and JPEG";

    public IReadOnlyList<string> DataSets { get; } = ["mnist", "fashion-mnist", "cifar10"];

    public string Sizes(string preset, string dataSet, int? images) => SpikingSizes.Of(preset, dataSet, images).Describe();

    public ProtocolReport Run(ProtocolContext context)
    {
        var sizes = SpikingSizes.Of(context.Preset, context.Data.Key, context.Images);
        var training = new SchemeTraining(context, sizes);
        var models = sizes.Schemes.ToDictionary(name => name, name => Enumerable.Range(0, sizes.Models.Surrogates + sizes.Models.Validators)
            .Select(number => training.Make(DefenseScheme.Named(name), number)).ToArray());
        try
        {
            var work = new SpikingMeasurement(context, sizes, models);
            return context.Report(new SpikingPage(sizes, work.Measure(), context.Data).Make());
        }
        finally
        {
            foreach (var model in models.Values.SelectMany(each => each)) model.Dispose();
        }
    }
}
