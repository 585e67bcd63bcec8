using System.Collections.Concurrent;
using Defenses.Evaluation.Checks;
using Defenses.Pages;

namespace Defenses.Tests.Contracts;

/// <summary>The properties of every check: it fires on a model or report with exactly its fault, and not on a sound one.</summary>
/// <remarks>Derive once for each named check; a convention test requires it.</remarks>
public abstract class CheckContract
{
    /// <summary>The check.</summary>
    protected abstract Check Check { get; }

    /// <summary>The check, for the conventions.</summary>
    internal Check Tested => Check;

    /// <summary>The findings on a subject with its fault.</summary>
    protected abstract IReadOnlyList<Finding> OnBroken();

    /// <summary>The findings on a sound subject.</summary>
    protected abstract IReadOnlyList<Finding> OnSound();

    // The findings are computed once for all tests of a check: a probe takes seconds.
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<Finding>> s_found = new();

    private IReadOnlyList<Finding> Found => s_found.GetOrAdd(GetType(), _ => OnBroken());

    [Fact]
    public void Fires_on_what_is_broken_and_says_why_and_what_to_do()
    {
        var found = Found;
        found.Should().NotBeEmpty();
        found.Should().OnlyContain(finding => finding.Title == Check.Title && finding.Reason.Length > 20 && finding.Action.Length > 20);
        found.Should().OnlyContain(finding => finding.Reason.EndsWith('.') && finding.Action.EndsWith('.'));
    }

    [Fact]
    public void Stays_silent_on_what_is_sound() => OnSound().Should().BeEmpty();

    [Fact]
    public void Finds_the_same_again_and_leaves_no_tensor_behind()
    {
        var first = Found;   // caches are filled
        var before = Leaks.Live();
        OnBroken().Should().Equal(first);
        Leaks.Live().Should().Be(before);
    }
}
