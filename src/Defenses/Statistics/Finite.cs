using System.Globalization;

namespace Defenses.Statistics;

/// <summary>Checks lists of numbers.</summary>
internal static class Finite
{
    internal static IReadOnlyList<double> Check(IReadOnlyList<double> values, string name)
    {
        Require.NotEmpty(values, name);
        foreach (var value in values)
            if (!double.IsFinite(value))
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} must hold finite numbers; it holds {value}."), name);
        return values;
    }

    /// <summary>Two lists of equal length; the first must vary.</summary>
    internal static void CheckPairs(IReadOnlyList<double> x, IReadOnlyList<double> y, int least, string xName, string yName)
    {
        var count = Check(x, xName).Count;
        if (Check(y, yName).Count != count)
            throw new ArgumentException($"{yName} must have as many numbers as {xName}, {count}; it has {y.Count}.", yName);
        if (count < least) throw new ArgumentException($"{xName} must have at least {least} numbers; it has {count}.", xName);
        RequireVaries(x, xName);
    }

    internal static void RequireVaries(IReadOnlyList<double> values, string name)
    {
        if (values.All(value => value == values[0]))
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"{name} must hold different numbers; all are {values[0]}."), name);
    }
}
