namespace Defenses.Detection;

/// <summary>For each input the share of the inputs of the other kind that it beats, ties counted half: what DeLong's variance is made of.</summary>
internal sealed class Placements
{
    internal Placements(IReadOnlyList<double> clean, IReadOnlyList<double> attacked)
    {
        var all = MidRanks([.. attacked, .. clean]);
        var (amongAttacked, amongClean) = (MidRanks([.. attacked]), MidRanks([.. clean]));
        Attacked = [.. amongAttacked.Select((rank, i) => (all[i] - rank) / clean.Count)];
        Clean = [.. amongClean.Select((rank, j) => 1 - (all[attacked.Count + j] - rank) / attacked.Count)];
        Auc = Attacked.Average();
    }

    /// <summary>Of each attacked input: the share of clean ones below it.</summary>
    internal double[] Attacked { get; }

    /// <summary>Of each clean input: the share of attacked ones above it.</summary>
    internal double[] Clean { get; }

    internal double Auc { get; }

    /// <summary>Ranks from 1 in ascending order; equal values share the mean of theirs.</summary>
    internal static double[] MidRanks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]]; end++) { }
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
        }
        return ranks;
    }
}
