using System.Text.Json;
using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>
/// Success and size against the best of the independent implementations, on the same network and images: the success rate is at most one point
/// lower, and the median size at most 1.02 times theirs. Attacks without a reference are compared with the best reference that has the same goal.
/// </summary>
public sealed class ReferenceSuccessTests
{
    [SharedFact("reference")]
    public void Auto_pgd_breaks_what_pgd_breaks_in_linf() => AtLeast("pgd_eps0.3_step0.01_40", 12, new Apgd(0.3) { Steps = 25 });

    [SharedFact("reference")]
    public void Auto_pgd_breaks_what_pgd_breaks_in_l2() => AtLeast("pgdl2_eps2_step0.2_20", 25, new Apgd(2) { Norm = Norm.L2, Steps = 40, Loss = Loss.Margin });

    [SharedFact("reference")]
    public void Pgd_on_the_margin_breaks_what_pgd_breaks() => AtLeast("pgdl2_eps2_step0.2_20", 25, new CwPgd(2) { Norm = Norm.L2, Steps = 40, Restarts = 1 });

    [SharedFact("reference")]
    public void Pgd_by_adam_breaks_what_pgd_breaks() => AtLeast("pgd_eps0.3_step0.01_40", 12, new AdamPgd(0.3) { Steps = 40 });

    [SharedFact("reference")]
    public void Square_breaks_without_gradients_what_pgd_breaks_with_them() => AtLeast("pgd_eps0.3_step0.01_40", 10, new Square(0.3) { Candidates = 1500 });

    [SharedFact("reference")]
    public void Arc_breaks_what_pgd_breaks() => AtLeast("pgd_eps0.3_step0.01_40", 12, new Arc(0.3) { Steps = 20, TopClasses = 4 });

    [SharedFact("reference")]
    public void The_ensemble_for_random_models_breaks_what_pgd_breaks() => AtLeast("pgd_eps0.3_step0.01_40", 12, new AutoAttackRandomized(0.3) { Steps = 20 });

    [SharedFact("reference")]
    public void DeepFool_finds_what_the_best_finds_in_l2() => NoLarger("deepfool_l2_50_0.02", "l2", 30, new DeepFool());

    [SharedFact("reference")]
    public void DeepFool_finds_what_the_best_finds_in_linf() => NoLarger("deepfool_linf_50_0.02", "linf", 30, new DeepFool { Norm = Norm.Linf });

    [SharedFact("reference")]
    public void Fab_finds_no_larger_changes_than_deepfool_in_l2() => NoLarger("deepfool_l2_50_0.02", "l2", 10, new Fab { Norm = Norm.L2, Steps = 20 });

    [SharedFact("reference")]
    public void Fab_finds_no_larger_changes_than_deepfool_in_linf() => NoLarger("deepfool_linf_50_0.02", "linf", 10, new Fab { Steps = 20 });

    [SharedFact("reference")]
    public void The_trust_region_finds_no_larger_changes_than_deepfool_in_l2() =>
        NoLarger("deepfool_l2_50_0.02", "l2", 12, new TrustRegion { Radius = 0.05 });

    [SharedFact("reference")]
    public void Carlini_and_wagner_reaches_targets_that_others_reach() => NoLarger(
        "cw_9x100_c0.001_targeted+1", "l2", 50, new CarliniWagner { SearchSteps = 9, Steps = 100, InitialConstant = 1e-3, AbortEarly = false },
        onlyBroken: true);

    // Success on the first images, in a count: one image of a hundred is the point that may be missed, and there are fewer than a hundred.
    private static void AtLeast(string settings, int count, Attack attack)
    {
        using var reference = Reference(settings);
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(0, count).ToArray();
        using var result = Run(rows, attack with { Seed = 1 }, targeted: false);
        var best = Implementations(reference).Max(implementation => rows.Sum(i => implementation.GetProperty("success")[i].GetInt32()));
        best.Should().BeGreaterThan(count / 2);
        result.Met.sum().ToInt64().Should().BeGreaterThanOrEqualTo(best);
    }

    // Success and median size on the first images, or on those that the best breaks at all.
    private static void NoLarger(string settings, string norm, int count, Attack attack, bool onlyBroken = false)
    {
        using var reference = Reference(settings);
        using var scope = NewDisposeScope();
        var best = Implementations(reference).Where(one => one.GetProperty("images").GetInt32() >= count)
            .MaxBy(one => one.GetProperty("success_rate").GetDouble());
        var rows = Enumerable.Range(0, count).Where(i => !onlyBroken || Success(best, i)).ToArray();
        using var result = Run(rows, attack with { Seed = 1 }, onlyBroken);
        var broken = Enumerable.Range(0, rows.Length).Where(k => Success(best, rows[k])).ToArray();
        broken.Should().HaveCountGreaterThan(2);
        result.Met.sum().ToInt64().Should().BeGreaterThanOrEqualTo(broken.Length);
        var ours = Median(broken.Select(k => result.Size[k].ToDouble()));
        var theirs = Median(broken.Select(k => best.GetProperty(norm)[rows[k]].GetDouble()));
        (ours / theirs).Should().BeLessThanOrEqualTo(1.02, "the best implementation has a median of {0}", theirs);
    }

    private static AttackResult Run(int[] rows, Attack attack, bool targeted)
    {
        using var network = ReferenceNetwork.Load();
        var (images, classes) = ReferenceNetwork.Mnist();
        var index = tensor(rows.Select(row => (long)row).ToArray());
        var (x, labels) = (images.index_select(0, index), classes.index_select(0, index));
        return attack.Run(new Classifier(network, Bounds.Unit), x, targeted ? Goal.Reach((labels + 1) % 10, labels) : Goal.Avoid(labels));
    }

    private static JsonDocument Reference(string settings)
    {
        using var all = JsonDocument.Parse(File.ReadAllText(SharedFiles.Find("reference/reference.json")));
        return JsonDocument.Parse(all.RootElement.GetProperty(settings).GetRawText());
    }

    private static IEnumerable<JsonElement> Implementations(JsonDocument reference) =>
        reference.RootElement.GetProperty("implementations").EnumerateObject().Select(one => one.Value);

    private static bool Success(JsonElement implementation, int image) => implementation.GetProperty("success")[image].GetInt32() == 1;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
