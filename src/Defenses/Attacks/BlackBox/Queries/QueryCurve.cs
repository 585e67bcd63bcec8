using System.Globalization;
using System.Text;
using Defenses.Models;
using Defenses.Statistics;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>How far an attack came after each number of queries: for each example the sizes of the adversarial examples that it found, as it found
/// them.</summary>
/// <remarks>
/// A query is one forward pass of one image and one draw; the attack's own repeats, votes, starts and the pass that learns the number of classes count. All
/// images are in every denominator, also those that are wrong already (size 0 at their first query) and those without a start. On a deterministic model every
/// image that the model gets counts; on a random model only the attack's decisions over several draws do, by their majority, so that no lucky draw
/// is a success.
/// Write it with <c>VersionedJson</c>, or as a table with <see cref="ToCsv"/>.
/// </remarks>
public sealed record QueryCurve
{
    /// <summary>The numbers of queries at which curves are usually read: 10 to 10,000.</summary>
    public static IReadOnlyList<long> Budgets { get; } = [10, 30, 100, 300, 1000, 3000, 10_000];

    /// <summary>The schema of the document: "defenses.queries/1".</summary>
    public string Schema { get; init; } = "defenses.queries/1";

    /// <summary>The attack with its options.</summary>
    public required string Attack { get; init; }

    /// <summary>For each example the improvements: more queries, smaller sizes. Empty where the goal was never met.</summary>
    public required IReadOnlyList<IReadOnlyList<QueryStep>> Examples { get; init; }

    /// <summary>The queries of each example in the whole run.</summary>
    public required IReadOnlyList<long> Spent { get; init; }

    /// <summary>The range of the model's bounds, which limits rounding: a size counts as within ε as it does for a judge.</summary>
    public required double Range { get; init; }

    /// <summary>Runs an attack and records what it finds.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="model">The attacker's view of the model. An average over draws counts each draw.</param>
    /// <param name="x">Images, as for <see cref="Attack.Run(ModelView, Tensor, Tensor, IProgress{AttackProgress}?, CancellationToken, Constraint?)"/>.</param>
    /// <param name="labels">Their classes, (N,), int64.</param>
    /// <param name="constraint">The images that the attack may return; by default (null) all images within the bounds.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The attack queried some of its examples without stating which.</exception>
    public static QueryCurve Measure(
        Attack attack, ModelView model, Tensor x, Tensor labels, Constraint? constraint = null, CancellationToken cancellation = default) =>
        Measure(attack, model, x, Goal.Avoid(Require.NotNull(labels, nameof(labels))), constraint, cancellation);

    /// <summary>As for labels, towards a goal that is decided by the logits alone.</summary>
    /// <param name="attack">The attack.</param>
    /// <param name="model">The attacker's view of the model.</param>
    /// <param name="x">Images, (N, …).</param>
    /// <param name="goal">The goal of each example. Goals with detectors are refused.</param>
    /// <param name="constraint">The images that the attack may return; by default (null) all images within the bounds.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="ArgumentException">An argument has a wrong shape, dtype, device or value.</exception>
    /// <exception cref="InvalidOperationException">The attack queried some of its examples without stating which.</exception>
    public static QueryCurve Measure(
        Attack attack, ModelView model, Tensor x, Goal goal, Constraint? constraint = null, CancellationToken cancellation = default)
    {
        Require.NotNull(attack, nameof(attack));
        Require.NotNull(model, nameof(model));
        Require.Images(x, model.Bounds.Lower, model.Bounds.Upper, nameof(x));
        if (!ReferenceEquals(Require.NotNull(goal, nameof(goal)).Before(model), model))
            throw new ArgumentException("goal must be decided by the logits alone; this one has detectors. Give Goal.Avoid or Goal.Reach.", nameof(goal));
        using var scope = NewDisposeScope();
        var record = new QueryRecord(model.Bounds.Clip(x.detach()), goal, attack.Norm, model.IsRandom);
        using var result = attack.Run(new RecordedView(model, record), x, goal, null, cancellation, constraint);
        return new QueryCurve { Attack = $"{attack}", Examples = record.Steps, Spent = record.Spent, Range = model.Bounds.Range };
    }

    /// <summary>The number of queries at which an example first met its goal within a size; null where it never did.</summary>
    /// <param name="example">The number of the example.</param>
    /// <param name="epsilon">The largest size that counts; by default any.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public long? FirstMet(int example, double epsilon = double.PositiveInfinity) =>
        Of(example).FirstOrDefault(step => IsWithin(step.Size, epsilon))?.Queries;

    /// <summary>The smallest size that an example had met its goal with after a number of queries; null for none.</summary>
    /// <param name="example">The number of the example.</param>
    /// <param name="queries">The number of queries.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    public double? BestSize(int example, long queries) => Of(example).LastOrDefault(step => step.Queries <= queries)?.Size;

    /// <summary>The point of the curve at a number of queries.</summary>
    /// <param name="queries">The number of queries, 0 or above.</param>
    /// <param name="epsilon">The largest size that counts as a success; by default any.</param>
    /// <param name="confidence">The confidence of the exact interval (Clopper-Pearson), between 0 and 1; by default 0.95.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public QueryPoint At(long queries, double epsilon = double.PositiveInfinity, double confidence = Confidence.Default)
    {
        if (queries < 0) throw new ArgumentOutOfRangeException(nameof(queries), queries, $"queries must be 0 or above; it is {queries}.");
        if (double.IsNaN(epsilon) || epsilon < 0)
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"epsilon must be 0 or above; it is {epsilon}.");
        double[] sizes = [.. Enumerable.Range(0, Examples.Count).Select(example => BestSize(example, queries) ?? double.PositiveInfinity).Order()];
        var median = (sizes[(sizes.Length - 1) / 2] + sizes[sizes.Length / 2]) / 2;
        return new QueryPoint(
            queries, new Proportion(sizes.Count(size => IsWithin(size, epsilon)), sizes.Length, confidence), double.IsFinite(median) ? median : null);
    }

    /// <summary>The curve as a table: queries, successes, images, rate, lower and upper end of its interval, and median size (empty for none).</summary>
    /// <param name="epsilon">The largest size that counts as a success; by default any.</param>
    /// <param name="queries">The numbers of queries; by default (null) <see cref="Budgets"/>.</param>
    /// <param name="confidence">The confidence of the intervals, between 0 and 1; by default 0.95.</param>
    public string ToCsv(double epsilon = double.PositiveInfinity, IReadOnlyList<long>? queries = null, double confidence = Confidence.Default)
    {
        var text = new StringBuilder("queries,successes,images,rate,lower,upper,median size\n");
        foreach (var point in (queries ?? Budgets).Select(number => At(number, epsilon, confidence)))
            text.Append(CultureInfo.InvariantCulture,
                $"{point.Queries},{point.Success.Successes},{point.Success.Trials},{point.Success.Rate},{point.Success.Lower},{point.Success.Upper},")
                .Append(CultureInfo.InvariantCulture, $"{point.MedianSize}\n");
        return text.ToString();
    }

    private bool IsWithin(double size, double epsilon) =>
        double.IsFinite(size) && size <= BudgetRule.Largest(epsilon, new Bounds(0, Range));

    private IReadOnlyList<QueryStep> Of(int example) => example >= 0 && example < Examples.Count
        ? Examples[example]
        : throw new ArgumentOutOfRangeException(nameof(example), example, $"example must lie in [0, {Examples.Count}); it is {example}.");
}

/// <summary>An improvement: the smallest adversarial example of an image so far.</summary>
/// <param name="Queries">The queries of the image until then, this one included.</param>
/// <param name="Size">The size in the attack's norm.</param>
public sealed record QueryStep(long Queries, double Size);

/// <summary>A point of a curve over queries.</summary>
/// <param name="Queries">The number of queries of each example.</param>
/// <param name="Success">The rate of images with an adversarial example, with its exact interval.</param>
/// <param name="MedianSize">The median over all images of the smallest size so far; null where half of them have no adversarial example.</param>
public sealed record QueryPoint(long Queries, Proportion Success, double? MedianSize);
