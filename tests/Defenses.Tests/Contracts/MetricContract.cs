namespace Defenses.Tests.Contracts;

/// <summary>The properties of every metric. Derive once for each; a convention test requires it.</summary>
public abstract class MetricContract
{
    /// <summary>One valid computation with a fixed seed (if it has one); returns all results as numbers, and leaves no tensor behind.</summary>
    protected abstract IReadOnlyList<double> Compute();

    /// <summary>Computations that must be refused, each with the name of the argument that is wrong.</summary>
    protected abstract IEnumerable<(string Argument, Action Call)> Refused { get; }

    [Fact]
    public void The_same_question_has_the_same_answer() => Compute().Should().Equal(Compute());

    [Fact]
    public void A_valid_computation_gives_numbers() => Compute().Should().NotBeEmpty().And.NotContain(double.NaN);

    [Fact]
    public void Leaves_no_tensor_behind() => Leaks.None(() => Compute());

    [Fact]
    public void Bad_input_is_refused_with_the_name_of_the_argument()
    {
        Refused.Should().NotBeEmpty();
        foreach (var (argument, call) in Refused) call.Should().Throw<ArgumentException>(argument).Which.ParamName.Should().Be(argument);
    }
}
