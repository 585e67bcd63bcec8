namespace Defenses.Tests.Conventions;

public sealed class ArrowsTests
{
    private const string Samples = "Defenses.Tests.Conventions.Samples";

    private static readonly List<string> InSamples = Arrows.Violations(typeof(ArrowsTests).Assembly.GetTypes(), Samples).ToList();

    [Fact]
    public void The_folders_of_the_library_use_each_other_along_the_arrows_only()
    {
        Arrows.Violations(Library.Types, "Defenses").Should().BeEmpty();
    }

    [Theory]
    [InlineData("ByField")]
    [InlineData("ByBase")]
    [InlineData("ByGenericArgument")]
    [InlineData("ByCall")]
    [InlineData("ByLambda")]
    [InlineData("ByTypeOf")]
    public void A_type_that_goes_against_an_arrow_is_named(string culprit)
    {
        InSamples.Should().Contain(violation => violation.StartsWith("Layers must not use Attacks") && violation.Contains(culprit));
    }

    [Fact]
    public void A_type_that_follows_the_arrows_is_not_named()
    {
        InSamples.Should().NotContain(violation => violation.Contains("Obedient"));
    }

    [Fact]
    public void A_folder_that_is_not_among_the_arrows_is_named()
    {
        InSamples.Should().ContainSingle(violation => violation.Contains("Attic")).Which.Should().Contain("without a place");
    }

    [Theory]
    [InlineData("Evaluation", "Statistics", true)]
    [InlineData("Hardening", "Training", true)]
    [InlineData("Layers", "Attacks", false)]
    [InlineData("Attacks", "Evaluation", false)]
    [InlineData("Zoo", "Models", false)]
    [InlineData("Onnx", "Models", true)]
    [InlineData("Onnx", "Attacks", false)]
    [InlineData("Hardening", "Metrics", false)]
    public void An_arrow_reaches_through_the_folders_between(string user, string used, bool may)
    {
        Arrows.MayUse(user, used).Should().Be(may);
    }
}
