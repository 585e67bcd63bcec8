using Defenses.Pages;
using Defenses.Papers;

namespace Defenses.Tests.Papers;

/// <summary>What the page of random spiking says first, which must turn with the numbers.</summary>
public sealed class SpikingFindingsTests
{
    [Theory]
    [InlineData(0.1, "Random spiking hinders transfer: ", "Examples transfer less to RS-1", Severity.Note)]
    [InlineData(0.55, "No gain of random spiking against transfer is seen: ", "No clear gain of RS-1 against transfer", Severity.Note)]
    [InlineData(0.9, "Random spiking does not hinder transfer: ", "Examples transfer more to RS-1", Severity.Warning)]
    public void The_title_and_a_finding_say_whether_random_spiking_hinders_transfer(double reached, string title, string finding, Severity severity)
    {
        var results = SpikingClaimsTests.Results(_ => 1, reached: scheme => scheme == "RS-1" ? reached : 0.5);
        var findings = new SpikingFindings(SpikingSizes.Of("quick", "mnist"), results);
        findings.Title().Should().StartWith(title).And.Contain("of RS-1, ").And.MatchRegex(@"on one of the standard scheme \(−?\d+ \[.+\] points\)$");
        findings.All().Should().ContainSingle(each => each.Title == finding && each.Defense == "RS-1").Which.Severity.Should().Be(severity);
    }

    [Theory]
    [InlineData(0.1, "Augmentation adds to random spiking", Severity.Note)]
    [InlineData(0.5, "What augmentation adds is not seen", Severity.Note)]
    [InlineData(0.9, "Examples transfer more to RS-1-adv than to RS-1", Severity.Warning)]
    public void What_augmentation_does_against_transfer_is_told_both_ways(double reached, string title, Severity severity)
    {
        var results = SpikingClaimsTests.Results(_ => 1, reached: scheme => scheme == "RS-1-adv" ? reached : 0.5);
        new SpikingFindings(SpikingSizes.Of("quick", "mnist"), results).All().Where(each => each.Title.Contains("ugmentation") || each.Title.EndsWith("RS-1"))
            .Should().ContainSingle(each => each.Defense == "RS-1-adv" && each.Title == title).Which.Severity.Should().Be(severity);
    }
}
