using Defenses.Models;
using Defenses.Pages;
using Defenses.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation.Checks;

/// <summary>One run of a checkup on a model: the checks in their order, and why some of them did not run.</summary>
internal sealed class CheckupRun(ModelCheckup checkup, IProgress<CheckProgress>? progress, CancellationToken cancellation)
{
    private readonly List<CheckResult> _results = [];
    private readonly List<Finding> _findings = [];

    // isMeasured: whether to measure accuracy under the attack in question.
    internal ModelDiagnosis Examine(ModelView model, LabeledImages examples, bool isMeasured)
    {
        Require.NotNull(model, nameof(model)).RequireEvaluation();
        var count = Math.Min(checkup.Images, Require.NotNull(examples, nameof(examples)).Count);
        using var scope = NewDisposeScope();
        var (images, labels) = examples.Read(0, count);
        Require.Images(images, model.Bounds.Lower, model.Bounds.Upper, nameof(examples));
        checkup.RequireAttackable(model);
        int[] numbers = [.. Enumerable.Range(0, (int)count)];
        var all = new CheckContext(checkup, model, images, labels, numbers, checkup.Seed ?? Seeds.Unpredictable(), cancellation);
        foreach (var gate in checkup.Checks.Where(check => check.IsGate)) Probe(gate, all, Closed());
        var clean = Closed() is null ? all.Judge(model, images, labels) : null;
        var context = clean is null ? null : Recognized(all, clean);
        var reason = Closed() ?? (context is null ? "the model recognises none of the images" : null);
        foreach (var check in checkup.Checks.Where(check => !check.IsGate)) Probe(check, context, reason);
        LeftOut();
        var attacked = isMeasured && clean is not null ? Attacked(clean, context) : null;
        progress?.Report(new CheckProgress("done", checkup.Checks.Count, checkup.Checks.Count));
        return new ModelDiagnosis { Checks = _results, Findings = _findings, Accuracy = clean?.Accuracy, AttackedAccuracy = attacked };
    }

    // The reason why the model's answers are meaningless; null where they are meaningful.
    private string? Closed() => _results.Find(result => result.Severity == Severity.Invalid && IsGate(result)) is { } found
        ? $"“{found.Check}” was found before" : null;

    private bool IsGate(CheckResult result) => checkup.Checks.Any(check => check.IsGate && check.Title == result.Check);

    private void Probe(ModelCheck check, CheckContext? context, string? reason)
    {
        using var inner = NewDisposeScope();
        if (reason is null) progress?.Report(new CheckProgress(check.Title, checkup.Checks.ToList().IndexOf(check), checkup.Checks.Count));
        if ((reason ?? check.WhyNot(context!)) is { } why)
        {
            _results.Add(CheckResult.NotRun(check, why));
            return;
        }
        var found = check.Probe(context!);
        _results.Add(CheckResult.Of(check, found));
        _findings.AddRange(found);
    }

    private void LeftOut() => _results.AddRange(ModelCheck.All.Where(check => checkup.Checks.All(made => made.Name != check.Name))
        .Select(check => CheckResult.NotRun(check, check.IsCheap ? "the checkup leaves it out" : "it attacks, and the checkup leaves it out")));

    // The images that the model recognizes by majority; null for none.
    private CheckContext? Recognized(CheckContext all, Judgement clean)
    {
        int[] rows = [.. Enumerable.Range(0, all.Count).Where(row => 2 * clean.Met[row] <= clean.Draws)];
        if (rows.Length == 0) return null;
        var index = tensor(Array.ConvertAll(rows, row => (long)row), device: all.Images.device);
        return new CheckContext(
            checkup, all.Model, all.Images.index_select(0, index), all.Labels.index_select(0, index), rows, all.Seed, all.Cancellation);
    }

    // An image that is not recognized needs no attack: it counts as it is.
    private static DrawRates Attacked(Judgement clean, CheckContext? context)
    {
        int[] correct = [.. clean.Correct];
        if (context is not null)
            foreach (var (number, right) in context.Numbers.Zip(context.UnderAttack.Correct)) correct[number] = right;
        return new Tally(clean.Draws).Add(correct).Accuracy(clean.Confidence)!;
    }
}
