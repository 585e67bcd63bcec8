using System.Globalization;
using Defenses.Statistics;

namespace Defenses.Metrics;

/// <summary>How well adversarial examples made on one model fool another: by the size of the perturbation, and by pair of
/// models (crafted on × tested on).</summary>
/// <remarks>
/// Trials are images: several cases of one image count as one trial with their mean success, because they are not independent.
/// Source: Ge et al. 2020 (Random Spiking), the translucent-box evaluation. Remove out-of-range cases with LINQ first.
/// </remarks>
public static class Transferability
{
    /// <summary>The rate of success of all cases; null without cases.</summary>
    /// <param name="cases">The tested examples.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">A case is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static Proportion? Rate(IReadOnlyList<TransferCase> cases, double confidence = 0.95)
    {
        Check(cases, confidence);
        return Summed(cases, confidence);
    }

    /// <summary>The rate of success by distance: buckets [edge, next edge).</summary>
    /// <param name="cases">The tested examples; those outside all buckets are ignored.</param>
    /// <param name="edges">At least two finite numbers, rising.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">A case is invalid, or the edges do not rise.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static IReadOnlyList<TransferBucket> ByDistance(IReadOnlyList<TransferCase> cases, IReadOnlyList<double> edges, double confidence = 0.95)
    {
        Check(cases, confidence);
        Finite.Check(edges, nameof(edges));
        if (edges.Count < 2 || edges.Zip(edges.Skip(1)).Any(pair => pair.First >= pair.Second))
            throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"edges must be at least two rising numbers; they are {string.Join(", ", edges)}."), nameof(edges));
        return [.. edges.Zip(edges.Skip(1)).Select(pair =>
        {
            TransferCase[] inside = [.. cases.Where(each => each.Distance >= pair.First && each.Distance < pair.Second)];
            return new TransferBucket(pair.First, pair.Second, inside.Length, Summed(inside, confidence));
        })];
    }

    /// <summary>The rate of success of every model's examples on every model, as a matrix.</summary>
    /// <param name="cases">The tested examples, at least one.</param>
    /// <param name="confidence">Between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentException">There is no case, or one is invalid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The confidence is out of its range.</exception>
    public static ResilienceMatrix Matrix(IReadOnlyList<TransferCase> cases, double confidence = 0.95)
    {
        Require.NotEmpty(cases, nameof(cases));
        Check(cases, confidence);
        string[] crafted = [.. cases.Select(each => each.Crafted).Distinct()], tested = [.. cases.Select(each => each.Tested).Distinct()];
        var cells = cases.ToLookup(each => (each.Crafted, each.Tested));
        return new ResilienceMatrix(crafted, tested,
            [.. crafted.Select(row => (IReadOnlyList<Proportion?>)[.. tested.Select(column => Summed([.. cells[(row, column)]], confidence))])]);
    }

    private static Proportion? Summed(IReadOnlyList<TransferCase> cases, double confidence)
    {
        double[] images = [.. cases.GroupBy(each => each.Image).Select(image => image.Average(each => each.Success))];
        return images.Length == 0 ? null : new Proportion(Math.Min(images.Sum(), images.Length), images.Length, confidence);
    }

    private static void Check(IReadOnlyList<TransferCase> cases, double confidence)
    {
        Confidence.Check(confidence, nameof(confidence));
        foreach (var each in Require.NotNull(cases, nameof(cases)))
            if (each is not { Crafted: not null, Tested: not null, Distance: >= 0, Success: >= 0 and <= 1 } || !double.IsFinite(each.Distance))
                throw new ArgumentException($"cases must have names, finite distances of 0 or above and successes in [0, 1]; one is {each}.", nameof(cases));
    }
}

/// <summary>One adversarial example, crafted on one model and tested on another.</summary>
/// <param name="Image">The number of the original image: cases of the same image are not independent trials.</param>
/// <param name="Crafted">The model or scheme on which it was crafted.</param>
/// <param name="Tested">The model or scheme on which it was tested.</param>
/// <param name="Distance">The size of its perturbation, usually in L2, 0 or above.</param>
/// <param name="Success">The share of draws in which it fools the tested model, 0 to 1.</param>
public sealed record TransferCase(long Image, string Crafted, string Tested, double Distance, double Success);

/// <summary>How well examples transfer, for perturbations within a range of sizes.</summary>
/// <param name="From">The smallest distance, included.</param>
/// <param name="To">The largest distance, excluded.</param>
/// <param name="Cases">The number of cases.</param>
/// <param name="Success">The rate of success; the trials are the images. Null without cases.</param>
public sealed record TransferBucket(double From, double To, long Cases, Proportion? Success);

/// <summary>How well examples crafted on each model (row) fool each model (column).</summary>
/// <param name="Crafted">The models of the rows, in the order of their first case.</param>
/// <param name="Tested">The models of the columns, likewise.</param>
/// <param name="Success">Rates of success by row and column; the trials are the images. Null if there was no case.</param>
public sealed record ResilienceMatrix(
    IReadOnlyList<string> Crafted, IReadOnlyList<string> Tested, IReadOnlyList<IReadOnlyList<Proportion?>> Success)
{
    /// <summary>The share of examples crafted on one model that do not fool another; null if there was no case.</summary>
    /// <exception cref="ArgumentException">A model is not in the matrix.</exception>
    public Proportion? Resilience(string crafted, string tested) =>
        Success[Find(Crafted, crafted, nameof(crafted))][Find(Tested, tested, nameof(tested))]?.Complement();

    private static int Find(IReadOnlyList<string> names, string name, string argument)
    {
        for (var i = 0; i < names.Count; i++) if (names[i] == name) return i;
        throw new ArgumentException($"{argument} must be one of {string.Join(", ", names)}; it is '{name}'.", argument);
    }
}
