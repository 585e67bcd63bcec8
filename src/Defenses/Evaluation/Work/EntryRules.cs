using Defenses.Attacks;
using Defenses.Models;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Work;

/// <summary>The rules about models and attacks that an evaluation checks before any work.</summary>
internal static class EntryRules
{
    /// <summary>Throws where two entries are one model: the same object, or two classifiers around one network with the same preprocessing.</summary>
    /// <exception cref="ArgumentException">Two entries are one model.</exception>
    internal static void RequireSeparate(IReadOnlyList<DefenseEntry> defenses, string name)
    {
        foreach (var (first, second) in Pairs(defenses))
            if (IsOne(Behind(first.Model), Behind(second.Model), (a, b) => a.HasSamePreprocessing(b))) throw One(first, second, name);
    }

    /// <summary>As <see cref="RequireSeparate"/>, for preprocessing that is written twice: it is compared on points in the bounds.</summary>
    /// <exception cref="ArgumentException">Two entries are one model.</exception>
    internal static void RequireDifferent(IReadOnlyList<DefenseEntry> defenses, LabeledImages examples)
    {
        foreach (var (first, second) in Pairs(defenses))
            if (IsOne(Behind(first.Model), Behind(second.Model), (a, b) => PreparesAs(a, b, examples))) throw One(first, second, "defenses");
    }

    /// <summary>Throws where an attack needs more than a model answers, or a view that it does not have.</summary>
    /// <exception cref="NoGradientException">An attack needs a gradient of a black box.</exception>
    /// <exception cref="ArgumentException">A view is made for classifiers, and a model is none.</exception>
    internal static void RequireAttackable(EvaluationGrid grid)
    {
        foreach (var defense in grid.Defenses)
        {
            var needing = grid.Attacks.Where(entry => entry.Make(grid.Headline).Knowledge.FollowsGradients()).Select(entry => $"'{entry.FullName}'").ToArray();
            if (defense.Model.Answers < ModelAnswers.Gradients && needing.Length > 0)
                throw new NoGradientException(
                    $"The attack {string.Join(", ", needing)} needs gradients, and '{defense.Name}' has none. {defense.Model.WithoutGradient}");
            foreach (var view in grid.Attacks.Select(entry => entry.View)) view.MustTake(grid.Threat.ModelOf(defense.Model, 0), $"'{defense.Name}'");
        }
    }

    private static IEnumerable<(DefenseEntry First, DefenseEntry Second)> Pairs(IReadOnlyList<DefenseEntry> defenses) =>
        defenses.SelectMany((second, number) => defenses.Take(number).Select(first => (first, second)));

    private static ModelView Behind(ModelView model) => model is Metered meter ? Behind(meter.Inner) : model;

    private static bool IsOne(ModelView first, ModelView second, Func<Classifier, Classifier, bool> preparesAlike) =>
        ReferenceEquals(first, second)
        || (first is Classifier a && second is Classifier b && ReferenceEquals(a.Network, b.Network) && a.Head == b.Head && preparesAlike(a, b));

    private static bool PreparesAs(Classifier a, Classifier b, LabeledImages examples)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (images, _) = examples.Read(0, 1);
        using var random = new RandomSource(0);
        var points = cat([images, random.Uniform(images) * a.Bounds.Range + a.Bounds.Lower]);
        var (first, second) = (a.Prepare(points), b.Prepare(points));
        return first.dtype == second.dtype && first.shape.SequenceEqual(second.shape) && first.equal(second).all().ToBoolean();
    }

    private static ArgumentException One(DefenseEntry first, DefenseEntry second, string name)
    {
        var what = (Behind(second.Model) as Classifier)?.Network is { } network ? $"one network object ({NetworkModes.Name(network)})" : "one object";
        return new ArgumentException(
            $"{name} must be different models; '{first.Name}' and '{second.Name}' are {what}, so both entries would measure the same model. " +
            "A retrofit changes a network in place, the base too: make the network twice, load the weights into both, and put the defense into one of them. " +
            "A defense around the network (nn.Sequential(noise, network)) leaves the base as it is.", name);
    }
}
