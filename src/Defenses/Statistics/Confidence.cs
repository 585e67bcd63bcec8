using System.Globalization;

namespace Defenses.Statistics;

/// <summary>Checks the arguments that every interval has.</summary>
internal static class Confidence
{
    internal const double Default = 0.95;

    internal static double Check(double confidence, string name) => confidence > 0 && confidence < 1
        ? confidence
        : throw new ArgumentOutOfRangeException(name, confidence, string.Create(CultureInfo.InvariantCulture,
            $"{name} must lie between 0 and 1, such as 0.95; it is {confidence}."));

    internal static void CheckCounts(double successes, long trials, string successesName, string trialsName)
    {
        Require.AtLeast(trials, 1, trialsName);
        Require.Within(successes, 0, trials, successesName);
    }
}
