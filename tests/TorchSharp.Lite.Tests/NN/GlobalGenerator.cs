namespace TorchSharp.Lite.Tests.NN;

// Tests that seed the global generator run alone.
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class GlobalGenerator
{
    public const string Name = "Global generator";
}
