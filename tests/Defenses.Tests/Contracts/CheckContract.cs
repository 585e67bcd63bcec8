using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;

namespace Defenses.Tests.Contracts;

/// <summary>What every check promises: it fires on what is broken in exactly its way, and on nothing that is sound. Derive once for each; the conventions look for it.</summary>
public abstract class CheckContract
{
    /// <summary>The check.</summary>
    protected abstract Check Check { get; }

    /// <summary>What it finds on something broken in its way.</summary>
    protected abstract IReadOnlyList<Finding> OnBroken();

    /// <summary>What it finds on something sound.</summary>
    protected abstract IReadOnlyList<Finding> OnSound();

    [Fact]
    public void Fires_on_what_is_broken_and_says_why_and_what_to_do()
    {
        var found = OnBroken();
        found.Should().NotBeEmpty();
        found.Should().OnlyContain(finding => finding.Title == Check.Title && finding.Reason.Length > 20 && finding.Action.Length > 20);
        found.Should().OnlyContain(finding => finding.Reason.EndsWith('.') && finding.Action.EndsWith('.'));
    }

    [Fact]
    public void Stays_silent_on_what_is_sound() => OnSound().Should().BeEmpty();

    [Fact]
    public void Finds_the_same_again() => OnBroken().Should().Equal(OnBroken());

    [Fact]
    public void Leaves_no_tensor_behind() => Leaks.None(() => OnBroken());
}
