using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Attacks;

/// <summary>Several attacks that search small changes; each example keeps its smallest success.</summary>
/// <remarks>
/// No single attack finds the smallest change of every image. An attack can start from the smallest success of those before it: Fmn, Smallest, and the
/// attacks within a budget that Smallest starts so. With <see cref="Classes"/> each attack also searches across the boundaries to single classes, those
/// with the nearest linearised boundaries at the original first: an untargeted search follows one class at a time, and often the wrong one. A success is
/// always any that meets the goal. An example that meets the goal already is finished; an example without success keeps its original image.
/// </remarks>
public sealed record SmallestOf : Attack
{
    private const int FinalSearch = 10;
    private static readonly double[] s_lengths = [1.02, 1.05, 1.1, 1.2, 1.4];
    private readonly IReadOnlyList<Attack> _attacks;

    /// <summary>Runs all of the attacks, in their order.</summary>
    /// <param name="attacks">At least one, all in the same norm. Their seeds and decision draws are not used: those of this attack are.</param>
    public SmallestOf(params IReadOnlyList<Attack> attacks)
    {
        _attacks = [.. Require.NotEmpty(attacks, nameof(attacks))];
        if (_attacks.FirstOrDefault(attack => attack.Norm != _attacks[0].Norm) is { } other)
            throw new ArgumentException($"attacks must all have the same norm; they have {_attacks[0].Norm} and {other.Norm}.", nameof(attacks));
    }

    /// <summary>The attacks of a norm that found the smallest changes together, as measured in docs/results.md. With 1,000 steps and ten classes an image
    /// takes some five thousand passes in L0 and L∞, thirty thousand in L2 and seventy thousand in L1.</summary>
    /// <param name="norm">L0, L1, L2 or L∞.</param>
    /// <param name="steps">The steps of the longest searches, at least 1; by default 1000.</param>
    /// <exception cref="ArgumentException">The norm is another one.</exception>
    public static SmallestOf Thorough(Norm norm, int steps = 1000)
    {
        Norm.Known(norm, nameof(norm));
        Require.AtLeast(steps, 1, nameof(steps));
        var (some, few) = (Math.Max(1, 3 * steps / 10), Math.Max(1, steps / 20));
        // Where gradients mislead, a random search is worth more than a second gradient in few elements, and nine classes more than one in the sum of all.
        if (norm == Norm.L0) return new(new SigmaZero { Steps = steps }, new Smallest(new SparseRandomSearch(10) { Candidates = steps }));
        var (fmn, pdpgd, alma) = (new Fmn { Norm = norm, Steps = steps }, new Pdpgd { Norm = norm, Steps = steps }, new Alma { Steps = steps });
        if (norm == Norm.Linf) return new(fmn, pdpgd, new Smallest(new Apgd(0.1) { Steps = 2 * few, Loss = Loss.Dlr }));
        if (norm == Norm.L2) return new(fmn, pdpgd, new Ddn { Steps = steps }, new SmallestOf(alma, alma with { Steps = some }) { Classes = 9 });
        return new(fmn, pdpgd, alma with { Norm = norm },
            new SmallestOf(fmn with { Start = new SigmaZero { Steps = steps } }) { Classes = 9 },
            new SmallestOf(pdpgd with { Steps = some }, alma with { Norm = norm, Steps = some }, fmn with { Steps = some },
                new Smallest(new Apgd(10) { Norm = norm, Steps = few, Loss = Loss.Dlr })) { Classes = 9 });
    }

    /// <summary>The attacks.</summary>
    public IReadOnlyList<Attack> Attacks => _attacks;

    /// <summary>The norm of all of them.</summary>
    public override Norm Norm
    {
        get => _attacks[0].Norm;
        init => _attacks = [.. _attacks.Select(attack => attack with { Norm = value })];
    }

    /// <summary>The number of single classes to search for besides, 0 (default) or above; only untargeted goals have them.</summary>
    public int Classes { get; init => field = Require.NotNegative(value, nameof(Classes)); }

    /// <inheritdoc/>
    public override Knowledge Knowledge =>
        _attacks.Aggregate(Classes > 0 ? Knowledge.Gradient : Knowledge.None, (all, attack) => all | attack.Knowledge);

    /// <inheritdoc/>
    /// <remarks>The largest number among them; null if an attack that follows gradients has no number.</remarks>
    public override int? GradientSteps
    {
        get
        {
            var steps = _attacks.Where(attack => attack.Knowledge.FollowsGradients()).Select(attack => attack.GradientSteps).ToArray();
            return steps.Contains(null) ? null : steps.Max();
        }
    }

    /// <inheritdoc/>
    public override int GradientDraws => _attacks.Max(attack => attack.GradientDraws);

    /// <inheritdoc/>
    public override bool AscendsCrossEntropy => _attacks.All(attack => attack.AscendsCrossEntropy);

    /// <inheritdoc/>
    public override Attack WithDefaultStepSize() => With([.. _attacks.Select(attack => attack.WithDefaultStepSize())]);

    /// <summary>The options of all attacks.</summary>
    public override string ToString() => $"{nameof(SmallestOf)} {{ Norm = {Norm}, Classes = {Classes}, Attacks = [{string.Join(", ", _attacks)}] }}";

    /// <inheritdoc/>
    /// <remarks>Each of the attacks that has the effort gets more of it; null if one that follows gradients does not have it.</remarks>
    protected internal override Attack? Strengthen(AttackEffort effort, int factor)
    {
        var stronger = _attacks.Select(attack => attack.Strengthen(effort, factor)).ToArray();
        return stronger.All(attack => attack is null) || stronger.Zip(_attacks).Any(pair => pair.First is null && pair.Second.Knowledge.FollowsGradients())
            ? null
            : With([.. stronger.Zip(_attacks, (more, attack) => more ?? attack)]);
    }

    /// <inheritdoc/>
    protected internal override Tensor Perturb(AttackRun run) => SmallestSearch.Find(run, Norm, FinalSearch, (part, best) =>
    {
        using var scope = NewDisposeScope();
        var goals = Goals(part);
        for (var number = 0; number < _attacks.Count; number++)
        {
            foreach (var goal in goals) Keep(part, best, part.Towards(goal).From(best.Points).Perturb(_attacks[number]));
            run.Step(number, _attacks.Count);
        }
    });

    // On a random model an attack ends where half of the draws meet the goal: its points are lengthened until a majority confirms them again.
    private static void Keep(AttackRun run, SmallestAdversarials best, Tensor points)
    {
        best.KeepSmaller(points);
        if (!run.IsRandom) return;
        foreach (var length in s_lengths)
        {
            using var scope = NewDisposeScope();
            best.KeepSmaller(run.Clip(run.Original + (points - run.Original) * length));
        }
    }

    // The goal itself, and through the classes with the nearest boundaries.
    private List<Goal> Goals(AttackRun run)
    {
        if (Classes == 0 || !run.Goal.CrossesToAnyOther) return [run.Goal];
        var nearest = LinearBoundary.NearestFirst(run, Norm, int.MaxValue);
        var count = (int)Math.Min(Classes, nearest.shape[1]);
        return [run.Goal, .. Enumerable.Range(0, count).Select(rank => run.Goal.Through(nearest.select(1, rank).contiguous()))];
    }

    private SmallestOf With(IReadOnlyList<Attack> attacks) => new(attacks) { Seed = Seed, DecisionDraws = DecisionDraws, Classes = Classes };
}
