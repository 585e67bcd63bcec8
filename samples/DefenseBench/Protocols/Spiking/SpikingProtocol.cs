namespace DefenseBench.Protocols.Spiking;

/// <summary>The evaluation of the Random Spiking paper on MNIST.</summary>
internal sealed class SpikingProtocol : IProtocol
{
    public string Name => "random-spiking";

    public string Paper => "Ge, Chau, Ribeiro, Li 2020, Random Spiking and Systematic Evaluation of Defenses Against Adversarial Examples (CODASPY)";

    public string Reproduces =>
        "accuracy, C&W on one model, translucent-box transfer with validation by L2 distance, resilience between schemes, stability under noise and JPEG, on MNIST";

    public IReadOnlyList<string> DataSets => ["mnist"];

    public string Sizes(string preset) => SpikingSizes.Of(preset).Describe();

    public ProtocolReport Run(ProtocolContext context)
    {
        var sizes = SpikingSizes.Of(context.Preset);
        var models = sizes.Schemes.ToDictionary(name => name, name => Enumerable.Range(0, sizes.Models.Surrogates + sizes.Models.Validators)
            .Select(number => SchemeModel.Make(context, sizes, Scheme.Named(name), number)).ToArray());
        try
        {
            var work = new SpikingWork(context, sizes, models);
            return context.Report(new SpikingPage(sizes, work.Measure()).Make());
        }
        finally
        {
            foreach (var model in models.Values.SelectMany(each => each)) model.Dispose();
        }
    }
}
